/* Making the connection, and making it again. */
#include "base/time.h"
#include "port/pg_client.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LOOK_AROUND 100		   /* ms: the longest sleep */
#define SAID ":  "		   /* behind the severity of a server's words */
#define CONNECTING (5 * DQ_SECOND) /* the longest asking why */
#define PATIENCE (3 * DQ_SECOND)   /* before a person is told */
#define TELL (60 * DQ_SECOND)	   /* and between two times */

/* What our statements rely on. A writer that hangs must not hold others up
 * for ever. */
static const char session[] = "SET TIME ZONE 'UTC'; SET datestyle = 'ISO, YMD';"
			      "SET client_min_messages = 'warning';"
			      "SET lock_timeout = '20s';"
			      "SET idle_in_transaction_session_timeout = '60s'";

static bool
stopped(const struct dq_pg_client *client)
{
	return client->options->stop && *client->options->stop;
}

static bool
has_password(PQconninfoOption *settings)
{
	for (; settings && settings->keyword; settings++)
		if (settings->val && *settings->val &&
		    *settings->dispchar == '*')
			return true;
	return false;
}

/* A mistake in the settings is one now and later. */
static bool
check_settings(const struct dq_pg_options *options, struct dq_err *err)
{
	const char *database = options->database ? options->database : "";
	PQconninfoOption *settings;
	char *why = NULL;
	bool secret;

	if (!strchr(database, '=') && !strstr(database, "://"))
		return true; /* a database's name */
	settings = PQconninfoParse(database, &why);
	secret = has_password(settings);
	if (!settings)
		dq_err_code(err, DQ_EXIT_USAGE, "--database: %s",
		    why ? why : "cannot be understood");
	else if (secret)
		dq_err_code(err, DQ_EXIT_USAGE,
		    "--database: a password here would be seen by all: write "
		    "it to ~/.pgpass, or name a service=");
	PQconninfoFree(settings);
	PQfreemem(why);
	return settings && !secret;
}

/* Before the connection stands a SQLSTATE is nowhere but in the text, where
 * PQERRORS_VERBOSE asks for it: "FATAL:  28P01: the server's words", in
 * whatever language. Of several hosts the last one's counts. Taken out of the
 * text with all that libpq adds behind the words; empty when no server said
 * anything. */
static void
take_state(struct dq_pg_client *client, char *text)
{
	static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	char *end;

	for (char *at = text; (at = strstr(at, SAID)); at += 3) {
		char *state = at + 3;

		if (strspn(state, digits) != 5 || strncmp(state + 5, ": ", 2))
			continue;
		memcpy(client->state, state, 5);
		client->state[5] = 0;
		memmove(at + 2, state + 7, strlen(state + 7) + 1);
		if ((end = strstr(at, "\nLOCATION:")))
			*end = 0;
	}
}

/* What no waiting mends: a server's refusal, or a password that it wants and we
 * have not. The latter are libpq's words, which we do not have translated. */
static bool
is_refused(struct dq_pg_client *client)
{
	return *client->state ? dq_pg_fault_of(client->state) != DQ_PG_AWAY
			      : PQconnectionNeedsPassword(client->conn);
}

/* libpq would write what the server has to remark in a form of its own. */
static void
ignore(void *context, const PGresult *result)
{
	(void)context;
	(void)result;
}

/* As PQconnectdbParams would, but for one host and with the code of what the
 * server says. */
static void
ask_why(struct dq_pg_client *client)
{
	PostgresPollingStatusType how = PGRES_POLLING_WRITING;
	int64_t end = dq_clock_steady() + CONNECTING;

	PQsetErrorVerbosity(client->conn, PQERRORS_VERBOSE);
	while (how != PGRES_POLLING_OK && how != PGRES_POLLING_FAILED &&
	       PQstatus(client->conn) != CONNECTION_BAD && !stopped(client) &&
	       dq_clock_steady() < end) {
		struct pollfd wait = {.fd = PQsocket(client->conn),
		    .events = how == PGRES_POLLING_READING ? POLLIN : POLLOUT};

		if (poll(&wait, 1, LOOK_AROUND) > 0)
			how = PQconnectPoll(client->conn);
	}
	PQsetErrorVerbosity(client->conn, PQERRORS_DEFAULT);
}

static bool
open_connection(struct dq_pg_client *client, bool *again, struct dq_err *err)
{
	const char *database =
	    client->options->database ? client->options->database : "";
	const char *const names[] = {"dbname", "application_name",
	    "client_encoding", "connect_timeout", NULL};
	const char *const values[] = {
	    database, client->options->tool, "UTF8", "5", NULL};
	char text[sizeof(err->text)];

	*client->state = 0;
	client->conn = PQconnectdbParams(names, values, 1);
	if (PQstatus(client->conn) != CONNECTION_OK &&
	    strstr(PQerrorMessage(client->conn), SAID)) {
		PQfinish(client->conn);
		client->conn = PQconnectStartParams(names, values, 1);
		ask_why(client);
	}
	if (PQstatus(client->conn) == CONNECTION_OK)
		return true;
	snprintf(text, sizeof(text), "%s", PQerrorMessage(client->conn));
	take_state(client, text);
	*again = !is_refused(client);
	return dq_pg_say(client, text, err);
}

static bool
try_to_connect(struct dq_pg_client *client, bool *again, struct dq_err *err)
{
	*again = true;
	if (!open_connection(client, again, err))
		return false;
	PQsetnonblocking(client->conn, 1);
	PQsetNoticeReceiver(client->conn, ignore, NULL);
	if (dq_pg_do(client, session, err))
		return true;
	*again = client->fault == DQ_PG_AWAY;
	return false;
}

/* Sleeps a little; false when it is time to give up. */
static bool
wait_a_while(struct dq_pg_client *client, struct dq_err *err)
{
	int64_t now = dq_clock_steady();
	struct dq_err why;

	if (!client->down_since) {
		client->down_since = now;
		client->told = now + PATIENCE - TELL;
	}
	if (stopped(client) ||
	    now - client->down_since > client->options->timeout)
		return false;
	if (now - client->told > TELL) {
		client->told = now;
		dq_warn("database", "%s; still trying", err->text);
	}
	for (int i = 0; i < 4 && !stopped(client); i++) {
		usleep(LOOK_AROUND * 1000);
		if (!dq_pg_look_around(client, &why)) {
			*err = why;
			return false;
		}
	}
	return true;
}

bool
dq_pg_connect(struct dq_pg_client *client, struct dq_err *err)
{
	bool again;

	if (client->conn)
		return true;
	if (!client->down_since && !check_settings(client->options, err))
		return false;
	while (!try_to_connect(client, &again, err)) {
		dq_pg_client_close(client);
		if (!again) {
			err->code = DQ_EXIT_USAGE;
			return false;
		}
		if (!wait_a_while(client, err))
			return false;
	}
	client->down_since = 0;
	return true;
}

bool
dq_pg_again(struct dq_pg_client *client, struct dq_err *err)
{
	dq_pg_client_close(client);
	return wait_a_while(client, err) && dq_pg_connect(client, err);
}
