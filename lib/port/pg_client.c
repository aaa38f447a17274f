#include "port/pg_client.h"

#include "base/time.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LOOK_AROUND 100 /* ms: the longest sleep */
#define CHUNK (64u << 10)

void
dq_pg_client_init(
    struct dq_pg_client *client, const struct dq_pg_options *options)
{
	*client = (struct dq_pg_client){.options = options};
}

void
dq_pg_client_close(struct dq_pg_client *client)
{
	PQfinish(client->conn);
	client->conn = NULL;
}

static bool
class_is(const char *state, const char *classes)
{
	for (; *classes; classes += 2)
		if (!strncmp(state, classes, 2))
			return true;
	return false;
}

enum dq_pg_fault
dq_pg_fault_of(const char *state)
{
	/* connection, transaction rollback, resources, operator, system */
	if (!*state || class_is(state, "0840535758") ||
	    !strcmp(state, "55P03") || !strcmp(state, "25P03"))
		return DQ_PG_AWAY;
	/* data, integrity, a trigger's own objection */
	if (class_is(state, "2223P0"))
		return DQ_PG_ROW;
	return DQ_PG_FATAL;
}

static enum dq_pg_fault
fault_of(const struct dq_pg_client *client)
{
	return client->conn && PQstatus(client->conn) == CONNECTION_OK
		   ? dq_pg_fault_of(client->state)
		   : DQ_PG_AWAY;
}

static enum dq_exit
code_of(enum dq_pg_fault fault)
{
	return fault == DQ_PG_AWAY  ? DQ_EXIT_RETRY
	       : fault == DQ_PG_ROW ? DQ_EXIT_DATA
				    : DQ_EXIT_USAGE;
}

bool
dq_pg_say(struct dq_pg_client *client, const char *text, struct dq_err *err)
{
	char *at;

	client->fault = fault_of(client);
	dq_err_code(err, code_of(client->fault), "%s", text);
	for (at = err ? err->text : NULL; at && (at = strpbrk(at, "\n\t"));)
		*at = ' ';
	while (err && *err->text && err->text[strlen(err->text) - 1] == ' ')
		err->text[strlen(err->text) - 1] = 0;
	return false;
}

static bool
fail(struct dq_pg_client *client, const PGresult *result, struct dq_err *err)
{
	const char *state =
	    result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
	const char *text =
	    result ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : NULL;

	memset(client->state, 0, sizeof(client->state));
	if (state)
		memcpy(client->state, state, strnlen(state, 5));
	/* The detail may be the whole row: that is for nobody's log. */
	return dq_pg_say(
	    client, text ? text : PQerrorMessage(client->conn), err);
}

bool
dq_pg_look_around(struct dq_pg_client *client, struct dq_err *err)
{
	if (client->waiting && !client->waiting(client->context, err)) {
		client->fault = DQ_PG_FATAL;
		return false;
	}
	return true;
}

/* Until the socket can be read, or, with `writing`, written. */
static bool
wait_for(struct dq_pg_client *client, bool writing, struct dq_err *err)
{
	struct pollfd wait = {.fd = PQsocket(client->conn),
	    .events = (short)(POLLIN | (writing ? POLLOUT : 0))};
	int64_t end = dq_clock_steady() + client->options->timeout;

	while (poll(&wait, 1, LOOK_AROUND) <= 0) {
		if (!dq_pg_look_around(client, err))
			return false;
		if (dq_clock_steady() < end)
			continue;
		*client->state = 0;
		return dq_pg_say(client, "the database does not answer", err);
	}
	return true;
}

static bool
flush(struct dq_pg_client *client, struct dq_err *err)
{
	int left;

	while ((left = PQflush(client->conn)) > 0) {
		if (!wait_for(client, true, err))
			return false;
		if (!PQconsumeInput(client->conn))
			return fail(client, NULL, err);
	}
	return left == 0 || fail(client, NULL, err);
}

/* The next result; NULL in *result at the end of them. */
static bool
next_result(struct dq_pg_client *client, PGresult **result, struct dq_err *err)
{
	while (PQisBusy(client->conn)) {
		if (!wait_for(client, false, err))
			return false;
		if (!PQconsumeInput(client->conn))
			return fail(client, NULL, err);
	}
	*result = PQgetResult(client->conn);
	return true;
}

static bool
is_good(const PGresult *result)
{
	switch (PQresultStatus(result)) {
	case PGRES_COMMAND_OK:
	case PGRES_TUPLES_OK:
	case PGRES_COPY_IN:
	case PGRES_COPY_OUT:
	case PGRES_EMPTY_QUERY:
		return true;
	default:
		return false;
	}
}

/* Takes results until there is none, or COPY wants data. The last good one, or
 * the first fault. */
static bool
take_results(struct dq_pg_client *client, PGresult **last, struct dq_err *err)
{
	PGresult *result = NULL;
	bool good = true;

	*last = NULL;
	for (;;) {
		if (!next_result(client, &result, err)) {
			PQclear(*last);
			*last = NULL;
			return false;
		}
		if (!result)
			return good;
		if (good && !is_good(result)) {
			good = false;
			fail(client, result, err);
		}
		PQclear(*last);
		*last = result;
		if (PQresultStatus(result) == PGRES_COPY_IN ||
		    PQresultStatus(result) == PGRES_COPY_OUT)
			return good;
	}
}

bool
dq_pg_run(struct dq_pg_client *client, PGresult **result, struct dq_err *err,
    const char *sql, int count, const char *const *values)
{
	PGresult *last = NULL;
	bool good;
	int sent;

	client->fault = DQ_PG_NONE;
	sent = count ? PQsendQueryParams(client->conn, sql, count, NULL, values,
			   NULL, NULL, 0)
		     : PQsendQuery(client->conn, sql);
	if (!sent)
		return fail(client, NULL, err);
	good = flush(client, err) && take_results(client, &last, err);
	if (good && result)
		*result = last;
	else
		PQclear(last);
	return good;
}

/* COPY takes no more: the server has said why, and the rest of what it says is
 * to be read before it listens again. */
static bool
refused_copy(struct dq_pg_client *client, struct dq_err *err)
{
	PGresult *last = NULL;

	if (take_results(client, &last, err))
		fail(client, NULL, err);
	PQclear(last);
	return false;
}

bool
dq_pg_copy_put(
    struct dq_pg_client *client, struct dq_slice rows, struct dq_err *err)
{
	client->fault = DQ_PG_NONE;
	while (rows.len) {
		size_t n = rows.len < CHUNK ? rows.len : CHUNK;
		int taken = PQputCopyData(client->conn, rows.data, (int)n);

		if (taken < 0)
			return refused_copy(client, err);
		if (taken > 0) {
			rows.data += n;
			rows.len -= n;
		} else if (!wait_for(client, true, err) ||
			   !flush(client, err)) {
			return false;
		}
	}
	return true;
}

bool
dq_pg_copy_end(struct dq_pg_client *client, struct dq_err *err)
{
	PGresult *last = NULL;
	bool good;
	int ended;

	client->fault = DQ_PG_NONE;
	while ((ended = PQputCopyEnd(client->conn, NULL)) == 0)
		if (!wait_for(client, true, err))
			return false;
	if (ended < 0)
		return refused_copy(client, err);
	good = flush(client, err) && take_results(client, &last, err);
	PQclear(last);
	return good;
}

bool
dq_pg_copy(struct dq_pg_client *client, const char *sql, struct dq_slice rows,
    struct dq_err *err)
{
	return dq_pg_do(client, sql, err) &&
	       dq_pg_copy_put(client, rows, err) && dq_pg_copy_end(client, err);
}

bool
dq_pg_copy_out(struct dq_pg_client *client, const char *sql, struct dq_err *err)
{
	return dq_pg_do(client, sql, err);
}

int
dq_pg_copy_row(struct dq_pg_client *client, char **row, struct dq_slice *line,
    struct dq_err *err)
{
	PGresult *last;
	int n;

	while ((n = PQgetCopyData(client->conn, row, 1)) == 0) {
		if (!wait_for(client, false, err))
			return -1;
		if (!PQconsumeInput(client->conn)) {
			fail(client, NULL, err);
			return -1;
		}
	}
	if (n > 0) {
		*line = (struct dq_slice){
		    *row, (size_t)n - ((*row)[n - 1] == '\n')};
		return 1;
	}
	*row = NULL;
	if (n == -2) {
		fail(client, NULL, err);
		return -1;
	}
	n = take_results(client, &last, err) ? 0 : -1;
	PQclear(last);
	return n;
}

void
dq_pg_quote(
    struct dq_pg_client *client, struct dq_slice text, struct dq_buf *out)
{
	char *quoted = PQescapeLiteral(client->conn, text.data, text.len);

	dq_buf_str(out, quoted ? quoted : "NULL");
	PQfreemem(quoted);
}
