/* Memory that is always there: running out ends the program with 70, so no
 * caller tests for NULL. Free with free(). */
#ifndef DQ_BASE_MEM_H
#define DQ_BASE_MEM_H

#include <stddef.h>

void *dq_malloc(size_t size);
void *dq_calloc(size_t count, size_t size);
void *dq_realloc(void *old, size_t size);

/* count * size bytes; dies when the product overflows. */
void *dq_realloc_array(void *old, size_t count, size_t size);

/* Zeroed, aligned to 64 bytes (a cache line). */
void *dq_calloc_aligned(size_t count, size_t size);

char *dq_strdup(const char *text);

/* The n bytes of text and a NUL behind them. */
char *dq_strndup(const char *text, size_t n);

#endif
