/* Unit tests: plain C programs of CHECKs. A failed one prints where and what
 * and the program goes on; main ends with `return unit_done();`, which is 1
 * when any failed. */
#ifndef TESTS_UNIT_H
#define TESTS_UNIT_H

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static long unit_checks, unit_failures;

static inline bool
unit_check(bool good, const char *file, int line, const char *what)
{
	unit_checks++;
	if (good)
		return true;
	/* A loop over a million values need not say it a million times. */
	if (unit_failures++ < 50)
		printf("%s:%d: %s\n", file, line, what);
	return false;
}

#define CHECK(condition) unit_check((condition), __FILE__, __LINE__, #condition)

/* The comparing ones also print both values. */
#define CHECK_INT(got, want)                                                   \
	do {                                                                   \
		long long got_ = (got), want_ = (want);                        \
		if (!unit_check(                                               \
			got_ == want_, __FILE__, __LINE__, #got " is " #want)) \
			printf("\tgot %lld, expected %lld\n", got_, want_);    \
	} while (0)

#define CHECK_NEAR(got, want, tolerance)                                       \
	do {                                                                   \
		double got_ = (got), want_ = (want);                           \
		if (!unit_check(fabs(got_ - want_) <= (tolerance), __FILE__,   \
			__LINE__, #got " is near " #want))                     \
			printf("\tgot %.17g, expected %.17g\n", got_, want_);  \
	} while (0)

/* A struct dq_slice or dq_buf (data, len) against a C string. */
#define CHECK_TEXT(got, want)                                                  \
	do {                                                                   \
		const char *want_ = (want);                                    \
		if (!unit_check((got).len == strlen(want_) &&                  \
				    (!(got).len || !memcmp((got).data, want_,  \
						       (got).len)),            \
			__FILE__, __LINE__, #got " is " #want))                \
			printf("\tgot \"%.*s\", expected \"%s\"\n",            \
			    (int)(got).len, (got).data, want_);                \
	} while (0)

static inline int
unit_done(void)
{
	printf("%ld checks, %ld failed\n", unit_checks, unit_failures);
	return unit_checks == 0 || unit_failures > 0;
}

#endif
