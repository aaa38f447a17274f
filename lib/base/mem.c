#include "base/mem.h"

#include "base/err.h"

#include <stdlib.h>
#include <string.h>

static _Noreturn void
out_of_memory(size_t size)
{
	dq_die(DQ_EXIT_BROKEN, "memory", "cannot get %zu more bytes", size);
}

static size_t
product(size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes))
		dq_die(DQ_EXIT_BROKEN, "memory",
		    "%zu times %zu bytes is too much", count, size);
	return bytes;
}

void *
dq_malloc(size_t size)
{
	void *got = malloc(size ? size : 1);

	if (!got)
		out_of_memory(size);
	return got;
}

void *
dq_calloc(size_t count, size_t size)
{
	void *got = calloc(count ? count : 1, size ? size : 1);

	if (!got)
		out_of_memory(product(count, size));
	return got;
}

void *
dq_realloc(void *old, size_t size)
{
	void *got = realloc(old, size ? size : 1);

	if (!got)
		out_of_memory(size);
	return got;
}

void *
dq_realloc_array(void *old, size_t count, size_t size)
{
	return dq_realloc(old, product(count, size));
}

void *
dq_calloc_aligned(size_t count, size_t size)
{
	size_t bytes = product(count, size);
	void *got;

	bytes = (bytes + 63) / 64 * 64 + 64;
	got = aligned_alloc(64, bytes);
	if (!got)
		out_of_memory(bytes);
	return memset(got, 0, bytes);
}

char *
dq_strdup(const char *text)
{
	return dq_strndup(text, strlen(text));
}

char *
dq_strndup(const char *text, size_t n)
{
	char *copy = dq_malloc(n + 1);

	memcpy(copy, text, n);
	copy[n] = 0;
	return copy;
}
