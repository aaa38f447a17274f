/* A growable run of bytes, and a borrowed one. */
#ifndef DQ_BASE_BUF_H
#define DQ_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Borrowed bytes: no terminator, somebody else frees. */
struct dq_slice {
	const char *data;
	size_t len;
};

#define DQ_SLICE(text) ((struct dq_slice){(text), strlen(text)})

static inline bool
dq_slice_equal(struct dq_slice a, struct dq_slice b)
{
	return a.len == b.len && (!a.len || !memcmp(a.data, b.data, a.len));
}

static inline bool
dq_slice_is(struct dq_slice a, const char *text)
{
	return a.len == strlen(text) &&
	       (!a.len || !memcmp(a.data, text, a.len));
}

static inline bool
dq_slice_begins(struct dq_slice a, const char *with)
{
	size_t n = strlen(with);

	return a.len >= n && !memcmp(a.data, with, n);
}

/* Takes the text off the front; false when it is not there. */
static inline bool
dq_slice_take(struct dq_slice *from, const char *text)
{
	if (!dq_slice_begins(*from, text))
		return false;
	from->data += strlen(text);
	from->len -= strlen(text);
	return true;
}

/* Nothing but blanks, tabs and carriage returns? */
bool dq_slice_blank(struct dq_slice bytes);

/* data is NULL or heap memory of cap bytes; the first len are in use.
 * `struct dq_buf b = {0};` is a valid empty buffer. */
struct dq_buf {
	char *data;
	size_t len;
	size_t cap;
};

/* Frees the bytes; the buffer is empty and usable again. */
void dq_buf_release(struct dq_buf *buf);

/* The slow half of dq_buf_room. */
void dq_buf_grow(struct dq_buf *buf, size_t more);

/* Makes room for `more` bytes behind len and returns where they begin. */
static inline char *
dq_buf_room(struct dq_buf *buf, size_t more)
{
	if (buf->cap - buf->len < more)
		dq_buf_grow(buf, more);
	return buf->data + buf->len;
}

static inline void
dq_buf_add(struct dq_buf *buf, const void *bytes, size_t n)
{
	if (n)
		memcpy(dq_buf_room(buf, n), bytes, n);
	buf->len += n;
}

static inline void
dq_buf_byte(struct dq_buf *buf, char byte)
{
	*dq_buf_room(buf, 1) = byte;
	buf->len++;
}

static inline void
dq_buf_str(struct dq_buf *buf, const char *text)
{
	dq_buf_add(buf, text, strlen(text));
}

static inline void
dq_buf_slice(struct dq_buf *buf, struct dq_slice bytes)
{
	dq_buf_add(buf, bytes.data, bytes.len);
}

void dq_buf_printf(struct dq_buf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A NUL behind the bytes (not counted in len); returns data. */
const char *dq_buf_text(struct dq_buf *buf);

static inline struct dq_slice
dq_buf_view(const struct dq_buf *buf)
{
	return (struct dq_slice){buf->data, buf->len};
}

#endif
