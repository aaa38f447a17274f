#include "run/team.h"

#include "base/mem.h"
#include "base/thread.h"
#include "base/time.h"

#include <stdlib.h>

#define BLOCK_LINES 128
#define BLOCK_BYTES (1u << 20)

/* A line that was refused, and what had been written before it. */
struct refusal {
	size_t line;
	size_t bytes;
	int64_t lines;
	struct dq_err err;
};

/* Some lines, and what became of them. */
struct block {
	struct dq_buf bytes;
	struct line {
		size_t begin, len;
		struct dq_place place;
	} * lines;
	size_t count;
	struct dq_out out;
	struct dq_buf keys; /* of the lines in out, where they are wanted */
	struct key {
		size_t line_end; /* in out, behind the newline */
		size_t len;
	} * ends;
	size_t end_count, end_cap;
	struct refusal *refusals;
	size_t refusal_count;
	int64_t event_time;
	size_t given; /* bytes of out that are given out, and so on */
	int64_t given_lines;
	size_t given_ends, given_keys;
	bool done;
};

struct worker {
	pthread_t thread;
	struct dq_team *team;
	void *state;
	struct dq_reader *reader;
	struct block *block; /* in hand */
};

/* Blocks are numbered from the first; block n lives in ring[n % size]. */
struct dq_team {
	const struct dq_filter *filter;
	struct dq_team_owner owner;
	struct worker *workers;
	size_t count;
	struct block *ring;
	size_t size;
	size_t taken;	      /* the runner's thread alone asks for this one */
	pthread_mutex_t lock; /* of all below, and of each block's done */
	pthread_cond_t sent_one, done_one;
	size_t sent, begun;
	bool ended;
};

static struct block *
block_of(struct dq_team *team, size_t number)
{
	return &team->ring[number % team->size];
}

static void
note_key(struct dq_out *out, struct dq_slice key)
{
	struct block *block = out->port;

	if (block->end_count == block->end_cap) {
		block->end_cap = block->end_cap ? 2 * block->end_cap : 128;
		block->ends = dq_realloc_array(
		    block->ends, block->end_cap, sizeof(*block->ends));
	}
	block->ends[block->end_count++] = (struct key){out->buf.len, key.len};
	dq_buf_slice(&block->keys, key);
}

static void
clear(struct block *block)
{
	block->bytes.len = block->keys.len = block->out.buf.len = 0;
	block->count = block->end_count = block->refusal_count = 0;
	block->given = block->given_ends = block->given_keys = 0;
	block->out.lines = block->given_lines = 0;
	block->event_time = DQ_TIME_NONE;
	block->done = false;
}

/* What the filter holds back was before the line. */
static void
refuse(struct worker *w, size_t line, const struct dq_err *err)
{
	struct block *block = w->block;

	if (w->team->filter->flush)
		w->team->filter->flush(w->state, &block->out);
	block->refusals = dq_realloc_array(block->refusals,
	    block->refusal_count + 1, sizeof(*block->refusals));
	block->refusals[block->refusal_count++] = (struct refusal){.line = line,
	    .bytes = block->out.buf.len,
	    .lines = block->out.lines,
	    .err = *err};
}

static void
pass(struct worker *w, const struct dq_record *record)
{
	const struct dq_filter *filter = w->team->filter;

	if (filter->flush)
		filter->flush(w->state, &w->block->out);
	if (!filter->absorbs)
		dq_out_pass(&w->block->out, record);
}

static void
work_line(struct worker *w, size_t number)
{
	const struct dq_filter *filter = w->team->filter;
	struct block *block = w->block;
	const struct line *line = &block->lines[number];
	struct dq_slice bytes = {block->bytes.data + line->begin, line->len};
	const struct dq_record *record;
	struct dq_err err;
	size_t before = block->out.buf.len;

	record = dq_reader_parse(w->reader, bytes, &line->place,
	    filter->kinds | DQ_KIND_BIT(DQ_KIND_TICK), 2, &err);
	if (!record) {
		if (!dq_slice_blank(bytes))
			refuse(w, number, &err);
		return;
	}
	if (record->time > block->event_time)
		block->event_time = record->time;
	if (!(DQ_KIND_BIT(record->kind) & filter->kinds)) {
		pass(w, record);
	} else if (!filter->each(w->state, record, &block->out, &err)) {
		block->out.buf.len = before;
		refuse(w, number, &err);
	}
}

/* NULL: it is time to go. */
static struct block *
next_block(struct dq_team *team)
{
	struct block *block = NULL;

	pthread_mutex_lock(&team->lock);
	while (!team->ended && team->begun == team->sent)
		pthread_cond_wait(&team->sent_one, &team->lock);
	if (!team->ended)
		block = block_of(team, team->begun++);
	pthread_mutex_unlock(&team->lock);
	return block;
}

static void *
work(void *argument)
{
	struct worker *w = argument;
	struct dq_team *team = w->team;

	while ((w->block = next_block(team))) {
		for (size_t i = 0; i < w->block->count; i++)
			work_line(w, i);
		if (team->filter->flush)
			team->filter->flush(w->state, &w->block->out);
		pthread_mutex_lock(&team->lock);
		w->block->done = true;
		pthread_cond_signal(&team->done_one);
		pthread_mutex_unlock(&team->lock);
	}
	return NULL;
}

static void
start(struct dq_team *team)
{
	for (size_t i = 0; i < team->count; i++) {
		struct worker *w = &team->workers[i];

		w->team = team;
		w->state = team->filter->states[i];
		w->reader = dq_reader_new();
		w->thread = dq_thread_start("--threads", work, w);
	}
}

struct dq_team *
dq_team_new(const struct dq_filter *filter, const struct dq_team_owner *owner)
{
	struct dq_team *team = dq_calloc(1, sizeof(*team));

	team->owner = *owner;
	team->filter = filter;
	team->count = filter->state_count;
	team->workers = dq_calloc(team->count, sizeof(*team->workers));
	team->size = 2 * team->count + 2;
	team->ring = dq_calloc(team->size, sizeof(*team->ring));
	for (size_t i = 0; i < team->size; i++) {
		struct block *block = &team->ring[i];

		block->lines = dq_calloc(BLOCK_LINES, sizeof(*block->lines));
		block->out.partition = -1;
		block->out.finished = owner->out->finished ? note_key : NULL;
		block->out.port = block;
		clear(block);
	}
	pthread_mutex_init(&team->lock, NULL);
	pthread_cond_init(&team->sent_one, NULL);
	pthread_cond_init(&team->done_one, NULL);
	start(team);
	return team;
}

static void
release_block(struct block *block)
{
	dq_buf_release(&block->bytes);
	dq_buf_release(&block->out.buf);
	dq_buf_release(&block->keys);
	free(block->lines);
	free(block->ends);
	free(block->refusals);
}

void
dq_team_free(struct dq_team *team)
{
	if (!team)
		return;
	pthread_mutex_lock(&team->lock);
	team->ended = true;
	pthread_cond_broadcast(&team->sent_one);
	pthread_mutex_unlock(&team->lock);
	for (size_t i = 0; i < team->count; i++) {
		pthread_join(team->workers[i].thread, NULL);
		dq_reader_free(team->workers[i].reader);
	}
	for (size_t i = 0; i < team->size; i++)
		release_block(&team->ring[i]);
	pthread_cond_destroy(&team->sent_one);
	pthread_cond_destroy(&team->done_one);
	pthread_mutex_destroy(&team->lock);
	free(team->ring);
	free(team->workers);
	free(team);
}

/* Hands the lines added since the last time to the threads. */
static void
send_block(struct dq_team *team)
{
	if (!block_of(team, team->sent)->count)
		return;
	pthread_mutex_lock(&team->lock);
	team->sent++;
	pthread_cond_signal(&team->sent_one);
	pthread_mutex_unlock(&team->lock);
}

/* The oldest that was sent; with `wait`, or when there is no room for another
 * one, waited for. NULL: there is none, or it is not done yet. */
static struct block *
oldest(struct dq_team *team, bool wait)
{
	struct block *block = block_of(team, team->taken);

	if (team->taken == team->sent)
		return NULL;
	wait = wait || team->sent - team->taken == team->size;
	pthread_mutex_lock(&team->lock);
	while (wait && !block->done)
		pthread_cond_wait(&team->done_one, &team->lock);
	if (!block->done)
		block = NULL;
	pthread_mutex_unlock(&team->lock);
	return block;
}

static void
give_lines(struct block *block, size_t end, struct dq_out *out)
{
	const struct key *key;

	for (; block->given < end; block->given = key->line_end) {
		key = &block->ends[block->given_ends++];
		dq_buf_add(dq_out_begin(out),
		    block->out.buf.data + block->given,
		    key->line_end - block->given - 1);
		dq_out_end(
		    out, (struct dq_slice){
			     block->keys.data + block->given_keys, key->len});
		block->given_keys += key->len;
	}
}

/* The whole block goes without a copy where nothing is before it. */
static void
move_bytes(struct block *block, size_t end, struct dq_out *out)
{
	struct dq_buf empty = out->buf;

	if (end == block->given)
		return;
	if (!empty.len && !block->given && end == block->out.buf.len) {
		out->buf = block->out.buf;
		block->out.buf = empty;
		return;
	}
	dq_buf_add(dq_out_begin(out), block->out.buf.data + block->given,
	    end - block->given);
}

/* What was written up to there, as if the filter had written to `out`. */
static void
give_part(struct block *block, size_t end, int64_t lines, struct dq_out *out)
{
	if (out->finished) {
		give_lines(block, end, out);
		return;
	}
	move_bytes(block, end, out);
	out->bytes += (int64_t)(end - block->given);
	out->lines += lines - block->given_lines;
	block->given = end;
	block->given_lines = lines;
}

static bool
give_block(struct dq_team_owner *owner, struct block *block)
{
	size_t end = block->out.buf.len; /* its bytes may go with it */

	for (size_t i = 0; i < block->refusal_count; i++) {
		const struct refusal *r = &block->refusals[i];
		const struct line *line = &block->lines[r->line];

		give_part(block, r->bytes, r->lines, owner->out);
		if (!owner->refuse(owner->run, &line->place,
			(struct dq_slice){
			    block->bytes.data + line->begin, line->len},
			r->err.text))
			return false;
	}
	give_part(block, end, block->out.lines, owner->out);
	return owner->written(owner->run, block->event_time);
}

static bool
give_out(struct dq_team *team, bool all)
{
	struct block *block;

	while ((block = oldest(team, all))) {
		if (!give_block(&team->owner, block))
			return false;
		clear(block);
		team->taken++;
	}
	return true;
}

bool
dq_team_hand(
    struct dq_team *team, struct dq_slice line, const struct dq_place *place)
{
	struct block *block = block_of(team, team->sent);

	block->lines[block->count++] =
	    (struct line){block->bytes.len, line.len, *place};
	dq_buf_slice(&block->bytes, line);
	if (block->count < BLOCK_LINES && block->bytes.len < BLOCK_BYTES)
		return true;
	send_block(team);
	return give_out(team, false);
}

bool
dq_team_settle(struct dq_team *team)
{
	send_block(team);
	return give_out(team, true);
}
