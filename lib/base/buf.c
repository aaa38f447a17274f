#include "base/buf.h"

#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

bool
dq_slice_blank(struct dq_slice bytes)
{
	for (size_t i = 0; i < bytes.len; i++)
		if (bytes.data[i] != ' ' && bytes.data[i] != '\t' &&
		    bytes.data[i] != '\r')
			return false;
	return true;
}

void
dq_buf_release(struct dq_buf *buf)
{
	free(buf->data);
	*buf = (struct dq_buf){0};
}

void
dq_buf_grow(struct dq_buf *buf, size_t more)
{
	size_t cap = buf->cap ? buf->cap : 256;

	while (cap - buf->len < more)
		cap = cap * 2 > cap ? cap * 2 : buf->len + more;
	buf->data = dq_realloc(buf->data, cap);
	buf->cap = cap;
}

void
dq_buf_printf(struct dq_buf *buf, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (n < 0)
		return;
	dq_buf_room(buf, (size_t)n + 1);
	va_start(args, format);
	vsnprintf(buf->data + buf->len, (size_t)n + 1, format, args);
	va_end(args);
	buf->len += (size_t)n;
}

const char *
dq_buf_text(struct dq_buf *buf)
{
	*dq_buf_room(buf, 1) = 0;
	return buf->data;
}
