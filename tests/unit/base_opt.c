/* The option table; what ends the program is tested in a child. */
#include "base/opt.h"
#include "base/time.h"
#include "unit.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

struct values {
	const char *text;
	bool flag, on;
	int64_t count, span, time;
	double share;
	int choice;
};

static struct values v;
static struct dq_opt table[16], second[2];

static struct dq_opt_set
fresh(void)
{
	const struct dq_opt rows[] = {
	    {.letter = 't', .name = "text", .value = &v.text},
	    {.letter = 'f',
		.name = "flag",
		.type = DQ_OPT_FLAG,
		.value = &v.flag},
	    {.name = "on", .type = DQ_OPT_FLAG, .value = &v.on},
	    {.letter = 'n',
		.name = "count",
		.type = DQ_OPT_INT,
		.value = &v.count},
	    {.name = "share", .type = DQ_OPT_REAL, .value = &v.share},
	    {.name = "span", .type = DQ_OPT_DURATION, .value = &v.span},
	    {.name = "time", .type = DQ_OPT_TIME, .value = &v.time},
	    {.name = "how",
		.type = DQ_OPT_CHOICE,
		.value = &v.choice,
		.choices = "stop|skip|dlq"},
	};

	v = (struct values){.text = "default", .on = true, .count = 7};
	memset(table, 0, sizeof(table));
	memcpy(table, rows, sizeof(rows));
	second[0] = (struct dq_opt){
	    .name = "text-two", .value = &v.text, .secret = true};
	second[1].name = NULL;
	return (struct dq_opt_set){
	    .tables = {table, second}, .usage = "[OPTIONS]", .summary = "x"};
}

static int
parse(int argc, const char *const *words, char **argv)
{
	struct dq_opt_set set = fresh();

	argv[0] = (char *)"test";
	for (int i = 0; i < argc; i++)
		argv[i + 1] = (char *)words[i];
	argv[argc + 1] = NULL;
	return dq_opt_parse(&set, argc + 1, argv);
}

#define PARSE(...)                                                             \
	parse((int)(sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *)),   \
	    (const char *[]){__VA_ARGS__}, argv)

static void
forms(void)
{
	char *argv[16];

	CHECK_INT(PARSE("--text", "a", "--count=-3", "-f"), 0);
	CHECK(!strcmp(v.text, "a") && v.count == -3 && v.flag && v.on);
	CHECK_INT(PARSE("-n5", "-ft", "b"), 0);
	CHECK(v.count == 5 && v.flag && !strcmp(v.text, "b"));
	CHECK_INT(PARSE("--text="), 0);
	CHECK(!strcmp(v.text, ""));
	CHECK_INT(PARSE("--no-on", "--flag=true"), 0);
	CHECK(!v.on && v.flag);
	CHECK_INT(PARSE("--count", "1", "--count", "2"), 0);
	CHECK_INT(v.count, 2);
	CHECK_INT(PARSE("--share", "0.25", "--span", "36h", "--time",
		      "1970-01-02", "--how", "skip"),
	    0);
	CHECK(v.share == 0.25 && v.span == 36 * DQ_HOUR && v.time == DQ_DAY &&
	      v.choice == 1);
	CHECK_INT(PARSE("--text-two", "x"), 0);
	CHECK(!strcmp(v.text, "x"));
}

static void
positional(void)
{
	char *argv[16];

	CHECK_INT(PARSE("one", "-f", "two", "-", "--", "--text"), 4);
	CHECK(!strcmp(argv[1], "one") && !strcmp(argv[2], "two"));
	CHECK(!strcmp(argv[3], "-") && !strcmp(argv[4], "--text"));
	CHECK(!strcmp(v.text, "default") && v.flag);
}

/* The exit code of a parse that must not return. */
static int
refused(const char *word, const char *next)
{
	int status = 0;
	pid_t child = fork();

	if (!child) {
		char *argv[4];

		if (!freopen("/dev/null", "w", stderr))
			_exit(9);
		parse(next ? 2 : 1, (const char *[]){word, next}, argv);
		_exit(0);
	}
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
mistakes(void)
{
	CHECK_INT(refused("--unknown", NULL), 2);
	CHECK_INT(refused("--tex", "x"), 2);
	CHECK_INT(refused("-x", NULL), 2);
	CHECK_INT(refused("-fx", NULL), 2);
	CHECK_INT(refused("--text", NULL), 2);
	CHECK_INT(refused("-t", NULL), 2);
	CHECK_INT(refused("--count", "x"), 2);
	CHECK_INT(refused("--count", "1.5"), 2);
	CHECK_INT(refused("--count", "9223372036854775808"), 2);
	CHECK_INT(refused("--share", "nan"), 2);
	CHECK_INT(refused("--span", "1y"), 2);
	CHECK_INT(refused("--time", "yesterday"), 2);
	CHECK_INT(refused("--how", "ski"), 2);
	CHECK_INT(refused("--how", ""), 2);
	CHECK_INT(refused("--flag=maybe", NULL), 2);
	CHECK_INT(refused("--no-text", NULL), 2);
	CHECK_INT(refused("--", NULL), 0);
}

/* Command line before environment before a file; each keeps its origin. */
static void
origins(void)
{
	struct dq_opt_set set = fresh();
	char *argv[] = {(char *)"test", (char *)"--count=1", NULL};
	struct dq_buf out = {0};
	struct dq_err err;

	setenv("DQ_COUNT", "2", 1);
	setenv("DQ_SHARE", "0.5", 1);
	setenv("DQ_TEXT_TWO", "hidden", 1);
	CHECK_INT(dq_opt_parse(&set, 2, argv), 0);
	dq_opt_environment(&set);
	CHECK(dq_opt_set_value(&set, "count", "3", "file", &err));
	CHECK(dq_opt_set_value(&set, "share", "0.7", "file", &err));
	CHECK(dq_opt_set_value(&set, "how", "dlq", "file", &err));
	CHECK(
	    !dq_opt_set_value(&set, "how", "x", "file", &err) || v.choice == 2);
	CHECK(!dq_opt_set_value(&set, "nothing", "x", "file", &err));
	CHECK(!dq_opt_set_value(&set, "time", "x", "file", &err));
	CHECK(v.count == 1 && v.share == 0.5 && v.choice == 2);
	dq_opt_print(&set, &out);
	dq_buf_text(&out);
	CHECK(strstr(out.data, "count = 1  # command line\n"));
	CHECK(strstr(out.data, "share = 0.5  # environment\n"));
	CHECK(strstr(out.data, "how = dlq  # file\n"));
	CHECK(strstr(out.data, "flag = false  # default\n"));
	CHECK(strstr(out.data, "text-two = ***  # environment\n"));
	CHECK(!strstr(out.data, "text-two = hidden"));
	dq_buf_release(&out);
}

int
main(void)
{
	forms();
	positional();
	mistakes();
	origins();
	return unit_done();
}
