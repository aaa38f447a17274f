/* One line, read: its kind, customer, event time and declared fields, checked
 * once here so that no tool has to. */
#ifndef DQ_RECORD_RECORD_H
#define DQ_RECORD_RECORD_H

#include "base/err.h"
#include "record/json.h"
#include "record/kind.h"

#define DQ_LINE_LIMIT (1u << 20) /* bytes of a line without its end */
#define DQ_DEPTH_LIMIT 32

/* Where a line came from. */
struct dq_place {
	const char *source; /* "stdin", a path or a topic */
	int32_t partition;  /* -1: of no topic; known behind a pipe too */
	bool topic;	    /* the source is one */
	int64_t line;	    /* counted from 1; in a topic: the offset */
	int64_t offset; /* byte offset of the line; in a topic: the offset */
	struct dq_slice key; /* in a topic: the message's; no data: none. Valid
				as long as the line */
};

/* Valid until the reader's next line; borrows the line's bytes. */
struct dq_record {
	struct dq_slice line; /* as it came, without the newline */
	struct dq_place place;
	enum dq_kind kind;
	struct dq_slice customer_id; /* empty where the kind has none */
	int64_t time;		     /* DQ_TIME_NONE when it has none */
	int money_digits;	     /* of the record's currency, 2 without */
	uint64_t present[2];	     /* bit f: field f is there, not null */
	struct dq_cell {
		struct yyjson_val *value;
		int64_t number; /* time, money (minor units), int */
	} cells[DQ_FIELDS];
	struct yyjson_val *root;
	/* Records with the same number, not 0, have the same keys in the same
	 * order, those of the objects that are their members too. */
	uint64_t shape;
	const char *parsed_;	      /* ours: the line as it was read */
	const struct dq_span *spans_; /* ours: its members; NULL: not known */
};

/* Parses lines into one record over and over without allocating. */
struct dq_reader;

struct dq_reader *dq_reader_new(void);
void dq_reader_free(struct dq_reader *reader);

/* Parses a line. `kinds` is a set of DQ_KIND_BIT: the fields of these kinds
 * are checked and converted; of other kinds only event_type, customer_id and
 * the event time are read. The returned record and all it points to are
 * valid until the next call. NULL with err set when the line is not a
 * record: bad JSON, too deep, a declared field missing, of a wrong type or
 * twice there. Money is converted with the digits of the record's own
 * `currency`, else with `money_digits`. */
const struct dq_record *dq_reader_parse(struct dq_reader *reader,
    struct dq_slice line, const struct dq_place *place, uint32_t kinds,
    int money_digits, struct dq_err *err);

/* Is the field there and not null? */
static inline bool
dq_record_has(const struct dq_record *record, enum dq_field field)
{
	return record->present[field / 64] >> (field % 64) & 1;
}

/* A TIME, MONEY or INT field; fallback when it is not there. */
static inline int64_t
dq_record_number(
    const struct dq_record *record, enum dq_field field, int64_t fallback)
{
	return dq_record_has(record, field) ? record->cells[field].number
					    : fallback;
}

/* A REAL field; NAN when it is not there. */
double dq_record_real(const struct dq_record *record, enum dq_field field);

bool dq_record_flag(
    const struct dq_record *record, enum dq_field field, bool fallback);

/* An OBJECT, ARRAY or ANY field; NULL when it is not there. */
static inline struct yyjson_val *
dq_record_value(const struct dq_record *record, enum dq_field field)
{
	return dq_record_has(record, field) ? record->cells[field].value : NULL;
}

/* A TEXT field, unescaped; empty when it is not there. */
static inline struct dq_slice
dq_record_text(const struct dq_record *record, enum dq_field field)
{
	return dq_json_text(dq_record_value(record, field));
}

/* The members of a record as they stand in its line, byte for byte: for tools
 * that carry on fields they do not know.
 *     struct dq_raw_iter iter;
 *     dq_raw_begin(&iter, record);
 *     while (dq_raw_next(&iter)) ... */
struct dq_raw_iter {
	struct dq_slice key; /* still escaped, without quotes */
	struct dq_slice value;
	struct dq_slice member; /* key, colon and value */
	enum dq_field field;
	const char *at, *end; /* ours */
	const char *parsed;
	const struct dq_span *span, *spans_end;
};

void dq_raw_begin(struct dq_raw_iter *iter, const struct dq_record *record);
bool dq_raw_next(struct dq_raw_iter *iter);

/* The same for a line that was a record's. */
void dq_raw_begin_line(struct dq_raw_iter *iter, struct dq_slice line);

/* The bytes in the line of a value of it, where that takes no search (anything
 * but arrays, objects and strings with escapes); else empty. */
struct dq_slice dq_record_span(
    const struct dq_record *record, struct yyjson_val *value);

/* The bytes of the field's value as they stand in the line; empty when it is
 * not there. */
struct dq_slice dq_record_raw(
    const struct dq_record *record, enum dq_field field);

/* "stdin: line 12" or "topic[3] offset 12", for a message. */
const char *dq_place_text(const struct dq_place *place, char text[256]);

/* Appends it as the object of a record's `source`: topic, partition and offset,
 * or file and line; with `more` the message's key, or the file's offset. */
void dq_buf_place(struct dq_buf *buf, const struct dq_place *place, bool more);

#endif
