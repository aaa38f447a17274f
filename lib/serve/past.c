#include "serve/past.h"

#include "base/mem.h"
#include "base/thread.h"
#include "base/time.h"
#include "port/pg_client.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define VALUES 6
#define WAITING_MAX 256
#define PATIENCE (5 * DQ_SECOND) /* with one question */
#define LOOK (2 * DQ_SECOND)	 /* between looks whether it is there */
#define GRACE (5 * DQ_SECOND)

struct dq_past_job {
	struct dq_past_job *next;
	const char *sql;
	int count;
	char *values[VALUES];
	PGresult *result;
	enum dq_past_state state;
	bool forgotten;
};

struct dq_past {
	struct dq_pg_options options;
	struct dq_pg_client client; /* the thread's, once there is one */
	pthread_t thread;
	bool started;
	void (*wake)(void *context);
	void *context;

	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t asked;
	struct dq_past_job *first, **last;
	size_t waiting;
	bool away;
	int64_t closing; /* steady clock: until then; 0: not closing */
	struct dq_err why;
};

static bool
look_at_tables(struct dq_past *past, struct dq_err *err)
{
	PGresult *result;
	bool writes;

	if (!dq_pg_run(&past->client, &result, err,
		"SELECT has_table_privilege('customer_assignments', 'INSERT') "
		"AND has_table_privilege('action_audit_log', 'INSERT') FROM "
		"(SELECT FROM risk_scores, daily_balances LIMIT 0) a "
		"RIGHT JOIN (SELECT) b ON true",
		0, NULL))
		return false;
	writes = *PQgetvalue(result, 0, 0) == 't';
	PQclear(result);
	return writes || dq_err_code(err, DQ_EXIT_USAGE,
			     "it may not write customer_assignments and "
			     "action_audit_log: GRANT dq_writer to it");
}

struct dq_past *
dq_past_open(const struct dq_pg_options *options, struct dq_err *err)
{
	struct dq_past *past = dq_calloc(1, sizeof(*past));

	past->options = *options;
	dq_pg_client_init(&past->client, &past->options);
	pthread_mutex_init(&past->lock, NULL);
	pthread_cond_init(&past->asked, NULL);
	past->last = &past->first;
	if (dq_pg_connect(&past->client, err) && look_at_tables(past, err))
		return past;
	dq_past_close(past);
	return NULL;
}

bool
dq_past_each(struct dq_past *past, const char *sql,
    void (*each)(void *context, const char *const *values), void *context,
    struct dq_err *err)
{
	PGresult *result;

	if (!dq_pg_run(&past->client, &result, err, sql, 0, NULL))
		return false;
	for (int row = 0; row < PQntuples(result); row++) {
		const char *values[VALUES] = {0};

		for (int i = 0; i < VALUES && i < PQnfields(result); i++)
			if (!PQgetisnull(result, row, i))
				values[i] = PQgetvalue(result, row, i);
		each(context, values);
	}
	PQclear(result);
	return true;
}

static void
job_free(struct dq_past_job *job)
{
	for (int i = 0; i < job->count; i++)
		free(job->values[i]);
	PQclear(job->result);
	free(job);
}

/* Under the lock. Is all that may be waited for done? */
static bool
is_over(const struct dq_past *past)
{
	return past->closing &&
	       (!past->first || dq_clock_steady() > past->closing);
}

/* The database lets us wait: not longer than closing does. */
static bool
may_wait(void *context, struct dq_err *err)
{
	struct dq_past *past = context;
	bool over;

	pthread_mutex_lock(&past->lock);
	over = is_over(past);
	pthread_mutex_unlock(&past->lock);
	return !over || dq_err_code(err, DQ_EXIT_RETRY, "closing");
}

/* Connected, or not at once. */
static bool
is_there(struct dq_past *past, struct dq_err *err)
{
	return past->client.conn ? dq_pg_do(&past->client, "SELECT 1", err)
				 : dq_pg_connect(&past->client, err);
}

static enum dq_past_state
ask(struct dq_past *past, struct dq_past_job *job, struct dq_err *err)
{
	if (!dq_pg_connect(&past->client, err))
		return DQ_PAST_AWAY;
	if (dq_pg_run(&past->client, &job->result, err, job->sql, job->count,
		(const char *const *)job->values))
		return DQ_PAST_GOOD;
	return past->client.fault == DQ_PG_AWAY ? DQ_PAST_AWAY
						: DQ_PAST_REFUSED;
}

static void
note_away(struct dq_past *past, bool away, const struct dq_err *err)
{
	if (away != past->away)
		dq_warn(
		    "--pg", "%s", away ? err->text : "the database is back");
	past->away = away;
	if (away)
		past->why = *err;
}

/* Under the lock: the first one is answered. */
static void
answered(struct dq_past *past, struct dq_past_job *job,
    enum dq_past_state state, const struct dq_err *err)
{
	note_away(past, state == DQ_PAST_AWAY, err);
	if (state == DQ_PAST_REFUSED)
		dq_warn("--pg", "refused: %s", err->text);
	past->first = job->next;
	if (!past->first)
		past->last = &past->first;
	past->waiting--;
	job->state = state;
	if (job->forgotten)
		job_free(job);
}

static void
wait_for_question(struct dq_past *past)
{
	struct timespec end;

	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += LOOK / DQ_SECOND;
	pthread_cond_timedwait(&past->asked, &past->lock, &end);
}

/* With nothing to ask: is it there? */
static void
look(struct dq_past *past)
{
	struct dq_err err;
	bool there;

	pthread_mutex_unlock(&past->lock);
	there = is_there(past, &err);
	if (!there)
		dq_pg_client_close(&past->client);
	pthread_mutex_lock(&past->lock);
	note_away(past, !there, &err);
}

static void
ask_first(struct dq_past *past)
{
	struct dq_past_job *job = past->first;
	enum dq_past_state state;
	struct dq_err err;

	pthread_mutex_unlock(&past->lock);
	state = ask(past, job, &err);
	if (state == DQ_PAST_AWAY)
		dq_pg_client_close(&past->client);
	pthread_mutex_lock(&past->lock);
	answered(past, job, state, &err);
}

static void *
work(void *arg)
{
	struct dq_past *past = arg;

	pthread_mutex_lock(&past->lock);
	while (!is_over(past)) {
		if (!past->first || past->away)
			wait_for_question(past);
		if (past->first)
			ask_first(past);
		else
			look(past);
		past->wake(past->context);
	}
	pthread_mutex_unlock(&past->lock);
	return NULL;
}

void
dq_past_start(struct dq_past *past, void (*wake)(void *context), void *context)
{
	past->wake = wake;
	past->context = context;
	past->options.timeout = PATIENCE;
	past->client.waiting = may_wait;
	past->client.context = past;
	past->thread = dq_thread_start("--pg", work, past);
	past->started = true;
}

struct dq_past_job *
dq_past_ask(struct dq_past *past, const char *sql, int count,
    const struct dq_slice *values)
{
	struct dq_past_job *job = NULL;

	pthread_mutex_lock(&past->lock);
	if (!past->away && past->waiting < WAITING_MAX) {
		job = dq_calloc(1, sizeof(*job));
		job->sql = sql;
		job->count = count;
		for (int i = 0; i < count; i++)
			job->values[i] =
			    dq_strndup(values[i].data, values[i].len);
		*past->last = job;
		past->last = &job->next;
		past->waiting++;
		pthread_cond_signal(&past->asked);
	}
	pthread_mutex_unlock(&past->lock);
	return job;
}

enum dq_past_state
dq_past_look(struct dq_past *past, const struct dq_past_job *job)
{
	enum dq_past_state state;

	pthread_mutex_lock(&past->lock);
	state = job->state;
	pthread_mutex_unlock(&past->lock);
	return state;
}

size_t
dq_past_rows(const struct dq_past_job *job)
{
	return (size_t)PQntuples(job->result);
}

const char *
dq_past_value(const struct dq_past_job *job, size_t row, int column)
{
	return PQgetisnull(job->result, (int)row, column)
		   ? NULL
		   : PQgetvalue(job->result, (int)row, column);
}

void
dq_past_forget(struct dq_past *past, struct dq_past_job *job)
{
	pthread_mutex_lock(&past->lock);
	if (job->state == DQ_PAST_WAITING)
		job->forgotten = true;
	else
		job_free(job);
	pthread_mutex_unlock(&past->lock);
}

bool
dq_past_reachable(struct dq_past *past, struct dq_err *err)
{
	bool away;

	if (!past)
		return true;
	pthread_mutex_lock(&past->lock);
	away = past->away;
	if (away)
		*err = past->why;
	pthread_mutex_unlock(&past->lock);
	return !away;
}

void
dq_past_close(struct dq_past *past)
{
	if (!past)
		return;
	if (past->started) {
		pthread_mutex_lock(&past->lock);
		past->closing = dq_clock_steady() + GRACE;
		pthread_cond_signal(&past->asked);
		pthread_mutex_unlock(&past->lock);
		pthread_join(past->thread, NULL);
	}
	while (past->first) {
		struct dq_past_job *job = past->first;

		past->first = job->next;
		job_free(job);
	}
	dq_pg_client_close(&past->client);
	pthread_mutex_destroy(&past->lock);
	pthread_cond_destroy(&past->asked);
	free(past);
}
