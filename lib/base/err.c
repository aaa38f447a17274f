#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *program = "dq";
static enum dq_log_format log_format = DQ_LOG_TEXT;

bool
dq_err_set(struct dq_err *err, const char *format, ...)
{
	va_list args;

	if (err) {
		va_start(args, format);
		vsnprintf(err->text, sizeof(err->text), format, args);
		va_end(args);
		err->code = DQ_EXIT_OK;
	}
	return false;
}

bool
dq_err_code(struct dq_err *err, enum dq_exit code, const char *format, ...)
{
	va_list args;

	if (err) {
		va_start(args, format);
		vsnprintf(err->text, sizeof(err->text), format, args);
		va_end(args);
		err->code = code;
	}
	return false;
}

bool
dq_err_at(struct dq_err *err, const char *where, ...)
{
	struct dq_err old;
	va_list args;
	int n;

	if (!err)
		return false;
	old = *err;
	va_start(args, where);
	n = vsnprintf(err->text, sizeof(err->text), where, args);
	va_end(args);
	if (n >= 0 && (size_t)n < sizeof(err->text) - 2)
		snprintf(err->text + n, sizeof(err->text) - (size_t)n,
		    ": %.400s", old.text);
	return false;
}

void
dq_program_set(const char *name)
{
	program = name;
}

const char *
dq_program(void)
{
	return program;
}

void
dq_log_format_set(enum dq_log_format format)
{
	log_format = format;
}

/* Text that came from outside may hold anything; a log line may not. */
static size_t
printable(char *to, size_t size, const char *from, bool json)
{
	size_t n = 0;

	for (; *from && n + 7 < size; from++) {
		unsigned char c = (unsigned char)*from;

		if (json && (c == '"' || c == '\\'))
			to[n++] = '\\';
		if (c >= ' ' && c != 0x7f)
			to[n++] = (char)c;
		else
			n += (size_t)snprintf(
			    to + n, size - n, json ? "\\u%04x" : "\\x%02x", c);
	}
	to[n] = 0;
	return n;
}

static void
say(const char *where, const char *format, va_list args)
{
	bool json = log_format == DQ_LOG_JSON;
	char raw[1024], text[2048], place[512], line[4096];
	int n;

	vsnprintf(raw, sizeof(raw), format, args);
	printable(text, sizeof(text), raw, json);
	printable(place, sizeof(place), where ? where : "", json);
	if (json)
		n = snprintf(line, sizeof(line),
		    "{\"program\":\"%s\",\"where\":\"%s\",\"message\":\"%s\"}"
		    "\n",
		    program, place, text);
	else
		n = snprintf(line, sizeof(line), "%s: %s%s%s\n", program, place,
		    *place ? ": " : "", text);
	/* One write, so that lines of a pipeline's stages do not mix. */
	if (write(STDERR_FILENO, line, (size_t)n) < 0)
		return;
}

void
dq_warn(const char *where, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(where, format, args);
	va_end(args);
}

void
dq_die(enum dq_exit code, const char *where, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(where, format, args);
	va_end(args);
	exit(code);
}
