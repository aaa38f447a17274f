/* What the libFuzzer harnesses share. A harness asserts what must hold for any
 * input; the sanitizers watch the rest. */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include "base/err.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MUST(condition)                                                        \
	do {                                                                   \
		if (!(condition)) {                                            \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__,       \
			    __LINE__, #condition);                             \
			abort();                                               \
		}                                                              \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The Makefile sends dq_die here: where the harness allows an orderly end,
 * FUZZ_CATCH(code) is the exit code (0: none). */
static __attribute__((unused)) jmp_buf fuzz_end;
static bool fuzz_catching;

_Noreturn void __wrap_dq_die(
    enum dq_exit code, const char *where, const char *format, ...);

_Noreturn void
__wrap_dq_die(enum dq_exit code, const char *where, const char *format, ...)
{
	(void)where;
	(void)format;
	if (fuzz_catching)
		longjmp(fuzz_end, (int)code);
	fprintf(stderr, "an end that was not expected: %d\n", (int)code);
	abort();
}

#define FUZZ_CATCH() (fuzz_catching = true, setjmp(fuzz_end))

#endif
