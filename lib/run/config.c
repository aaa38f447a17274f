#include "run/config.h"

#include "base/mem.h"
#include "run/files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CONFIG_LIMIT (1u << 20)

struct reading {
	struct dq_opt_set *set;
	const char *path;
	const char *section; /* NULL: lines before any [section] */
	bool (*shared_name)(const char *name);
	int line;
};

static char *
trim(char *text)
{
	char *end;

	text += strspn(text, " \t\r");
	end = text + strlen(text);
	while (end > text && strchr(" \t\r", end[-1]))
		*--end = 0;
	return text;
}

static _Noreturn void
misread(const struct reading *reading, const char *why)
{
	char where[512];

	snprintf(
	    where, sizeof(where), "%s: line %d", reading->path, reading->line);
	dq_die(DQ_EXIT_USAGE, where, "%s", why);
}

/* The option's name for this tool, or NULL when the line is for another. */
static const char *
own_name(const char *name)
{
	const char *dot = strchr(name, '.');
	size_t n = strlen(dq_program());

	if (!dot)
		return name;
	if ((size_t)(dot - name) == n && !memcmp(name, dq_program(), n))
		return dot + 1;
	return NULL;
}

static void
set_line(struct reading *reading, char *text)
{
	char *equals = strchr(text, '=');
	const char *name, *own;
	struct dq_err err;

	if (!equals)
		misread(reading, "expected name = value");
	*equals = 0;
	name = trim(text);
	own = own_name(name);
	if (!own)
		return;
	if (dq_opt_set_value(
		reading->set, own, trim(equals + 1), reading->path, &err))
		return;
	if (own == name && reading->shared_name(name))
		return;
	misread(reading, err.text);
}

static bool
section_matches(const char *current, const char *wanted)
{
	if (!current || !wanted)
		return current == wanted;
	return !strcmp(current, wanted);
}

static void
read_text(struct reading *reading, char *text)
{
	const char *current = NULL;

	reading->line = 0;
	for (char *line = text, *next; line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = 0;
		reading->line++;
		line = trim(line);
		if (!*line || *line == '#')
			continue;
		if (*line == '[') {
			line[strcspn(line, "]")] = 0;
			current = trim(line + 1);
		} else if (section_matches(current, reading->section)) {
			set_line(reading, line);
		}
	}
}

/* Values point into the text, so it lives as long as the process. */
static void
keep(char *text)
{
	static struct kept {
		struct kept *next;
		char *text;
	} * all;
	struct kept *one = dq_malloc(sizeof(*one));

	*one = (struct kept){all, text};
	all = one;
}

static void
read_file(struct reading *reading)
{
	struct dq_buf text = {0};

	if (!reading->path || access(reading->path, F_OK) < 0)
		return;
	dq_file_read(reading->path, CONFIG_LIMIT, &text);
	dq_buf_text(&text);
	if (strlen(text.data) != text.len)
		misread(reading, "holds a NUL byte");
	keep(text.data);
	read_text(reading, text.data);
}

/* Options name it as their origin: it is never freed. */
static const char *
home_path(void)
{
	static char path[4096];
	const char *home = getenv("HOME");
	int n = snprintf(
	    path, sizeof(path), "%s/.config/dq/dq.conf", home ? home : "");

	return home && n > 0 && (size_t)n < sizeof(path) ? path : NULL;
}

void
dq_config_read(struct dq_opt_set *set, const char *profile,
    bool (*shared_name)(const char *name))
{
	const char *paths[] = {"dq.conf", home_path(), "/etc/dq/dq.conf"};
	struct reading reading = {.set = set, .shared_name = shared_name};

	for (int pass = profile ? 0 : 1; pass < 2; pass++)
		for (int i = 0; i < 3; i++) {
			reading.section = pass == 0 ? profile : NULL;
			reading.path = paths[i];
			read_file(&reading);
		}
}
