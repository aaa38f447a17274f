/* Which pseudonym stands for which customer: a file of lines
 * {"customer_id":...,"pseudonym":...}, the only thing that joins the two. A
 * pseudonym is random: without its line nobody can tell whose it was. */
#ifndef DQ_RUN_PSEUDONYMS_H
#define DQ_RUN_PSEUDONYMS_H

#include "base/map.h"
#include "record/out.h"

#define DQ_PSEUDONYM 33 /* "P" and 32 hexadecimal digits */

/* Zeroed memory is closed. */
struct dq_pseudonyms {
	const char *path;
	int fd; /* held under a lock */
	struct dq_map customers;
	char (*names)[DQ_PSEUDONYM]; /* by customer's number */
	size_t cap;
	struct dq_buf fresh; /* lines that the file does not hold yet */
	struct dq_buf held;  /* records that wait for them, with their keys */
	struct dq_place *places; /* of these */
	size_t held_count, held_cap;
};

/* Reads the file, which is made where it is not there, readable by its owner
 * only. A line cut by a crash is dropped: nothing that needed it has left. Exit
 * 2 when it is damaged or in use by another process. */
void dq_pseudonyms_open(struct dq_pseudonyms *pseudonyms, const char *path);
void dq_pseudonyms_close(struct dq_pseudonyms *pseudonyms);

/* Takes the record in, its customer_id replaced: it is written by
 * dq_pseudonyms_flush. */
void dq_pseudonyms_record(struct dq_pseudonyms *pseudonyms,
    const struct dq_record *record, struct dq_out *out);

/* First the file is on disk, then the records are written; exit 74 when the
 * file cannot be. */
void dq_pseudonyms_flush(struct dq_pseudonyms *pseudonyms, struct dq_out *out);

/* Removes the customer's line. False when there is none; *name is the
 * pseudonym that nobody can resolve now. */
bool dq_pseudonyms_forget(struct dq_pseudonyms *pseudonyms,
    struct dq_slice customer, char name[DQ_PSEUDONYM + 1]);

#endif
