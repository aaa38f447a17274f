#include "base/opt.h"

#include "base/mem.h"
#include "base/num.h"
#include "base/time.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#define FOR_EACH_OPT(set, opt)                                                 \
	for (size_t table_ = 0; table_ < 4; table_++)                          \
		for (struct dq_opt *opt = (set)->tables[table_];               \
		     opt && opt->name; opt++)

static struct dq_opt *
find_name(struct dq_opt_set *set, struct dq_slice name)
{
	FOR_EACH_OPT(set, opt)
	if (dq_slice_is(name, opt->name))
		return opt;
	return NULL;
}

static struct dq_opt *
find_letter(struct dq_opt_set *set, char letter)
{
	FOR_EACH_OPT(set, opt)
	if (opt->letter == letter)
		return opt;
	return NULL;
}

static bool
choose(const struct dq_opt *opt, struct dq_slice text)
{
	const char *at = opt->choices;

	for (int i = 0; *at; i++) {
		size_t n = strcspn(at, "|");

		if (dq_slice_equal((struct dq_slice){at, n}, text)) {
			*(int *)opt->value = i;
			return true;
		}
		at += n + (at[n] == '|');
	}
	return false;
}

static bool
add_item(struct dq_opt_list *list, const char *text)
{
	list->items = dq_realloc_array(
	    list->items, list->count + 1, sizeof(*list->items));
	list->items[list->count++] = text;
	return true;
}

static bool
convert(const struct dq_opt *opt, const char *text)
{
	struct dq_slice slice = DQ_SLICE(text);

	switch (opt->type) {
	case DQ_OPT_FLAG:
		*(bool *)opt->value = !dq_slice_is(slice, "false");
		return dq_slice_is(slice, "true") ||
		       dq_slice_is(slice, "false");
	case DQ_OPT_TEXT:
		*(const char **)opt->value = text;
		return true;
	case DQ_OPT_INT:
		return dq_num_int(slice, opt->value);
	case DQ_OPT_REAL:
		return dq_num_real(slice, opt->value);
	case DQ_OPT_DURATION:
		return dq_duration_parse(slice, opt->value);
	case DQ_OPT_TIME:
		return dq_time_parse(slice, opt->value);
	case DQ_OPT_CHOICE:
		return choose(opt, slice);
	case DQ_OPT_LIST:
		return add_item(opt->value, text);
	}
	return false;
}

static const char *
wanted(const struct dq_opt *opt)
{
	switch (opt->type) {
	case DQ_OPT_FLAG:
		return "true or false";
	case DQ_OPT_INT:
		return "a whole number";
	case DQ_OPT_REAL:
		return "a number";
	case DQ_OPT_DURATION:
		return "a duration such as 200ms, 15m or 1d";
	case DQ_OPT_TIME:
		return "a time such as 2026-01-05 or 2026-01-05T10:11:12Z";
	case DQ_OPT_CHOICE:
		return opt->choices;
	case DQ_OPT_TEXT:
	case DQ_OPT_LIST:
		break;
	}
	return "text";
}

static bool
assign(struct dq_opt *opt, const char *text, const char *origin,
    struct dq_err *err)
{
	if (!convert(opt, text))
		return dq_err_set(err, "\"%s\" is not %s", text, wanted(opt));
	opt->origin = origin;
	return true;
}

bool
dq_opt_set_value(struct dq_opt_set *set, const char *name, const char *text,
    const char *origin, struct dq_err *err)
{
	struct dq_opt *opt = find_name(set, DQ_SLICE(name));

	if (!opt)
		return dq_err_set(err, "unknown option \"%s\"", name);
	if (opt->origin)
		return true;
	return assign(opt, text, origin, err);
}

static _Noreturn void
misuse(const char *where, const char *why)
{
	dq_die(DQ_EXIT_USAGE, where, "%s; see %s -h", why, dq_program());
}

static void
assign_or_die(struct dq_opt *opt, const char *text)
{
	struct dq_err err;
	char where[80];

	if (assign(opt, text, "command line", &err))
		return;
	snprintf(where, sizeof(where), "--%s", opt->name);
	misuse(where, err.text);
}

/* Where one argument of argv stands. */
struct cursor {
	struct dq_opt_set *set;
	int argc;
	char **argv;
	int at;
};

static const char *
next_argument(struct cursor *c, const char *where)
{
	if (++c->at >= c->argc)
		misuse(where, "needs an argument");
	return c->argv[c->at];
}

/* One that may be left out begins with a digit. */
static const char *
argument_of(struct cursor *c, const struct dq_opt *opt, const char *where)
{
	bool more = c->at + 1 < c->argc;

	if (opt->argument && *opt->argument == '[' &&
	    (!more || !isdigit((unsigned char)*c->argv[c->at + 1])))
		return opt->choices;
	return next_argument(c, where);
}

static void
parse_long(struct cursor *c)
{
	const char *word = c->argv[c->at], *name = word + 2;
	const char *equals = strchr(name, '=');
	size_t n = equals ? (size_t)(equals - name) : strlen(name);
	struct dq_opt *opt = find_name(c->set, (struct dq_slice){name, n});

	if (!opt && n > 3 && !equals && !memcmp(name, "no-", 3)) {
		opt = find_name(c->set, (struct dq_slice){name + 3, n - 3});
		if (opt && opt->type == DQ_OPT_FLAG) {
			assign_or_die(opt, "false");
			return;
		}
		opt = NULL;
	}
	if (!opt)
		misuse(word, "unknown option");
	if (equals)
		assign_or_die(opt, equals + 1);
	else if (opt->type == DQ_OPT_FLAG)
		assign_or_die(opt, "true");
	else
		assign_or_die(opt, argument_of(c, opt, word));
}

static void
parse_letters(struct cursor *c)
{
	const char *word = c->argv[c->at];

	for (const char *letter = word + 1; *letter; letter++) {
		struct dq_opt *opt = find_letter(c->set, *letter);

		if (!opt)
			misuse(word, "unknown option");
		if (opt->type == DQ_OPT_FLAG) {
			assign_or_die(opt, "true");
			continue;
		}
		assign_or_die(
		    opt, letter[1] ? letter + 1 : argument_of(c, opt, word));
		return;
	}
}

int
dq_opt_parse(struct dq_opt_set *set, int argc, char **argv)
{
	struct cursor c = {.set = set, .argc = argc, .argv = argv, .at = 1};
	int positional = 0;
	bool options = true;

	for (; c.at < argc; c.at++) {
		char *word = argv[c.at];

		if (options && !strcmp(word, "--"))
			options = false;
		else if (options && word[0] == '-' && word[1] == '-')
			parse_long(&c);
		else if (options && word[0] == '-' && word[1])
			parse_letters(&c);
		else
			argv[1 + positional++] = word;
	}
	return positional;
}

void
dq_opt_environment(struct dq_opt_set *set)
{
	FOR_EACH_OPT(set, opt)
	{
		char name[64] = "DQ_";
		struct dq_err err;
		const char *text;
		size_t n = 3;

		for (const char *p = opt->name; *p && n + 1 < sizeof(name); p++)
			name[n++] = (char)(*p == '-' ? '_' : toupper(*p));
		name[n] = 0;
		text = getenv(name);
		if (!text || opt->origin)
			continue;
		if (!assign(opt, text, "environment", &err))
			misuse(name, err.text);
	}
}

static void
usage_row(const struct dq_opt *opt, struct dq_buf *out)
{
	char left[80];
	const char *argument = opt->argument ? opt->argument : "";

	if (opt->letter)
		snprintf(left, sizeof(left), "-%c, --%s %s", opt->letter,
		    opt->name, argument);
	else
		snprintf(
		    left, sizeof(left), "    --%s %s", opt->name, argument);
	dq_buf_printf(out, "  %-28s %s\n", left, opt->help);
}

/* The names of options without help, as many to a line as fit. */
static void
usage_rest(const struct dq_opt_set *set, struct dq_buf *out)
{
	size_t column = 0;

	FOR_EACH_OPT(set, opt)
	{
		size_t n = opt->help ? 0 : strlen(opt->name) + 3;

		if (!n)
			continue;
		if (!column)
			dq_buf_str(out, "  More in dq(7):");
		else
			dq_buf_byte(out, ',');
		column = column ? column + n + 1 : 16 + n;
		if (column > 78) {
			dq_buf_str(out, "\n   ");
			column = 3 + n;
		}
		dq_buf_printf(out, " --%s", opt->name);
	}
	dq_buf_str(out, column ? "\n" : "");
}

void
dq_opt_usage(const struct dq_opt_set *set, struct dq_buf *out)
{
	dq_buf_printf(
	    out, "usage: %s %s\n%s\n", dq_program(), set->usage, set->summary);
	FOR_EACH_OPT(set, opt)
	if (opt->help)
		usage_row(opt, out);
	usage_rest(set, out);
}

static void
print_list(const struct dq_opt_list *list, struct dq_buf *out)
{
	for (size_t i = 0; i < list->count; i++) {
		dq_buf_str(out, i ? " " : "");
		dq_buf_str(out, list->items[i]);
	}
}

static void
print_value(const struct dq_opt *opt, struct dq_buf *out)
{
	const char *text = "", *at;

	switch (opt->type) {
	case DQ_OPT_FLAG:
		dq_buf_str(out, *(bool *)opt->value ? "true" : "false");
		break;
	case DQ_OPT_TEXT:
		text = *(const char **)opt->value;
		dq_buf_str(out, text ? text : "");
		break;
	case DQ_OPT_INT:
		dq_buf_int(out, *(int64_t *)opt->value);
		break;
	case DQ_OPT_REAL:
		dq_buf_real(out, *(double *)opt->value);
		break;
	case DQ_OPT_DURATION:
		dq_buf_int(out, *(int64_t *)opt->value / 1000);
		dq_buf_str(out, "ms");
		break;
	case DQ_OPT_TIME:
		if (*(int64_t *)opt->value != DQ_TIME_NONE)
			dq_buf_time(out, *(int64_t *)opt->value);
		break;
	case DQ_OPT_CHOICE:
		at = opt->choices;
		for (int i = *(int *)opt->value; i > 0; i--)
			at += strcspn(at, "|") + 1;
		dq_buf_add(out, at, strcspn(at, "|"));
		break;
	case DQ_OPT_LIST:
		print_list(opt->value, out);
		break;
	}
}

void
dq_opt_print(const struct dq_opt_set *set, struct dq_buf *out)
{
	FOR_EACH_OPT(set, opt)
	{
		dq_buf_printf(out, "%s = ", opt->name);
		if (opt->secret && opt->origin)
			dq_buf_str(out, "***");
		else
			print_value(opt, out);
		dq_buf_printf(
		    out, "  # %s\n", opt->origin ? opt->origin : "default");
	}
}
