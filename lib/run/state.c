#include "run/state.h"

#include "base/lock.h"
#include "base/mem.h"
#include "base/time.h"
#include "record/json.h"
#include "run/files.h"
#include "run/snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define COMMIT_LIMIT (1u << 20)

struct dq_state {
	char *path;
	char *tool;
	char *version;
	int lock;
};

static char *
name_in(const struct dq_state *state, const char *file, int64_t number)
{
	struct dq_buf name = {0};

	dq_buf_printf(&name, "%s/%s", state->path, file);
	if (number >= 0)
		dq_buf_printf(&name, ".%lld", (long long)number);
	dq_buf_text(&name);
	return name.data;
}

int
dq_state_lock(const char *path)
{
	struct dq_buf name = {0};
	int lock;

	if (mkdir(path, 0777) < 0 && errno != EEXIST)
		dq_die(DQ_EXIT_USAGE, path, "cannot make it: %m");
	dq_buf_printf(&name, "%s/lock", path);
	lock = open(dq_buf_text(&name), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	if (lock < 0)
		dq_die(DQ_EXIT_USAGE, name.data, "cannot open: %m");
	if (!dq_lock_file(lock))
		dq_die(DQ_EXIT_USAGE, path,
		    "in use by another process; give each its own directory");
	dq_buf_release(&name);
	return lock;
}

static int64_t
get_int(struct yyjson_val *root, const char *key, int64_t fallback)
{
	int64_t value;

	return dq_json_int(dq_json_get(root, key), &value) ? value : fallback;
}

static char *
get_text(struct yyjson_val *root, const char *key)
{
	struct dq_slice text = dq_json_text(dq_json_get(root, key));

	return dq_strndup(text.data ? text.data : "", text.len);
}

static void
read_commit(struct dq_state *state, struct dq_commit *commit)
{
	char *name = name_in(state, "commit", -1);
	struct dq_buf text = {0};
	struct dq_err err;
	struct yyjson_doc *doc;
	struct yyjson_val *root;

	*commit = (struct dq_commit){.next_tick = DQ_TIME_NONE};
	if (access(name, F_OK) == 0) {
		dq_file_read(name, COMMIT_LIMIT, &text);
		doc = dq_json_parse(dq_buf_view(&text), &err);
		if (!doc)
			dq_die(DQ_EXIT_BROKEN, name, "%s", err.text);
		root = dq_json_root(doc);
		if (!dq_slice_is(
			dq_json_text(dq_json_get(root, "tool")), state->tool))
			dq_die(DQ_EXIT_USAGE, state->path,
			    "holds the state of another tool");
		commit->number = get_int(root, "number", 0);
		commit->ended = get_int(root, "ended", 0);
		commit->input = get_text(root, "input");
		commit->position = get_int(root, "position", 0);
		commit->line = get_int(root, "line", 0);
		commit->mark = (uint64_t)get_int(root, "mark", 0);
		commit->output = get_text(root, "output");
		commit->length = get_int(root, "length", 0);
		commit->next_tick = get_int(root, "next_tick", DQ_TIME_NONE);
		dq_json_free(doc);
	}
	dq_buf_release(&text);
	free(name);
}

struct dq_state *
dq_state_open(const char *path, const char *tool, const char *version,
    struct dq_commit *commit)
{
	struct dq_state *state = dq_calloc(1, sizeof(*state));

	state->path = dq_strdup(path);
	state->tool = dq_strdup(tool);
	state->version = dq_strdup(version ? version : "");
	state->lock = dq_state_lock(path);
	read_commit(state, commit);
	return state;
}

bool
dq_state_snapshot(struct dq_state *state, const struct dq_commit *commit,
    const struct dq_filter *filter, struct dq_err *err)
{
	char *path = name_in(state, "snapshot", commit->number);
	bool good =
	    dq_snapshot_write(path, state->tool, state->version, filter, err);

	free(path);
	return good;
}

void
dq_state_load(struct dq_state *state, const struct dq_commit *commit,
    const struct dq_filter *filter)
{
	char *path = name_in(state, "snapshot", commit->number);

	dq_snapshot_read(path, state->version, filter);
	free(path);
}

bool
dq_state_commit(
    struct dq_state *state, const struct dq_commit *commit, struct dq_err *err)
{
	char *name = name_in(state, "commit", -1), *old;
	struct dq_buf text = {0};
	bool good;

	dq_buf_byte(&text, '{');
	dq_buf_member_str(&text, "tool", state->tool);
	dq_buf_member_int(&text, "number", commit->number);
	dq_buf_member_int(&text, "ended", commit->ended);
	dq_buf_member_str(&text, "input", commit->input);
	dq_buf_member_int(&text, "position", commit->position);
	dq_buf_member_int(&text, "line", commit->line);
	dq_buf_member_int(&text, "mark", (int64_t)commit->mark);
	dq_buf_member_str(&text, "output", commit->output);
	dq_buf_member_int(&text, "length", commit->length);
	if (commit->next_tick != DQ_TIME_NONE)
		dq_buf_member_int(&text, "next_tick", commit->next_tick);
	dq_buf_str(&text, "}\n");
	good = dq_file_replace(name, dq_buf_view(&text), err);
	if (good && commit->number > 1) {
		old = name_in(state, "snapshot", commit->number - 1);
		(void)unlink(old);
		free(old);
	}
	dq_buf_release(&text);
	free(name);
	return good;
}

void
dq_state_name(struct dq_commit *commit, const char *input, const char *output)
{
	free(commit->input);
	free(commit->output);
	commit->input = dq_strdup(input);
	commit->output = dq_strdup(output);
}

void
dq_state_close(struct dq_state *state, struct dq_commit *commit)
{
	free(commit->input);
	free(commit->output);
	commit->input = commit->output = NULL;
	if (!state)
		return;
	close(state->lock);
	free(state->path);
	free(state->tool);
	free(state->version);
	free(state);
}
