/* The files of the page, all of them in memory. */
#ifndef DQ_SERVE_HTTP_FILES_H
#define DQ_SERVE_HTTP_FILES_H

#include "base/buf.h"
#include "base/err.h"

#define DQ_FILES_LIMIT (16u << 20) /* bytes, of all of them */

struct dq_file {
	char *path; /* "app.js", "img/logo.svg" */
	const char *type;
	char etag[35]; /* quoted */
	struct dq_buf bytes;
};

struct dq_files;

/* All regular files below the directory but hidden ones; NULL with err set. */
struct dq_files *dq_files_load(const char *directory, struct dq_err *err);
void dq_files_free(struct dq_files *files);

/* "" is index.html. NULL when there is none. */
const struct dq_file *dq_files_find(
    const struct dq_files *files, struct dq_slice path);

#endif
