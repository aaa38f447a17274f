/* How a program ends and what it says on the way out. */
#ifndef DQ_BASE_ERR_H
#define DQ_BASE_ERR_H

#include <stdbool.h>

/* Exit codes answer one question: who must act? (dq(7), EXIT STATUS) */
enum dq_exit {
	DQ_EXIT_OK = 0,	     /* done, and all of it is durable */
	DQ_EXIT_NO = 1,	     /* the answer is no: a difference, a limit */
	DQ_EXIT_USAGE = 2,   /* options, configuration, model, policy */
	DQ_EXIT_DATA = 65,   /* a record was refused and --on-bad is stop */
	DQ_EXIT_BROKEN = 70, /* broken invariant, out of memory */
	DQ_EXIT_IO = 74,     /* read, write or flush failed */
	DQ_EXIT_RETRY = 75,  /* the same command may succeed later */
};

/* The reason a library call failed, for the caller to print or pass on.
 * Empty text means no error. The code says who must act where the failed
 * part knows; DQ_EXIT_OK leaves it to the caller. */
struct dq_err {
	char text[512];
	enum dq_exit code;
};

/* Sets the text and returns false, so that a failing function can say
 * `return dq_err_set(err, ...)`. err may be NULL. */
bool dq_err_set(struct dq_err *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The same with a code. */
bool dq_err_code(struct dq_err *err, enum dq_exit code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts "where: " before the text that err already holds; returns false. */
bool dq_err_at(struct dq_err *err, const char *where, ...)
    __attribute__((format(printf, 2, 3)));

enum dq_log_format { DQ_LOG_TEXT, DQ_LOG_JSON };

/* Names the program in every message; name must outlive the program. */
void dq_program_set(const char *name);
const char *dq_program(void);
void dq_log_format_set(enum dq_log_format format);

/* One line on standard error: "dq-score: where: text". where may be NULL. */
void dq_warn(const char *where, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The same line, then exit with the code. */
_Noreturn void dq_die(enum dq_exit code, const char *where, const char *format,
    ...) __attribute__((format(printf, 3, 4)));

#endif
