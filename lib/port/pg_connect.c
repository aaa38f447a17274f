/* Making the connection, and making it again. */
#include "base/time.h"
#include "port/pg_client.h"

#include <string.h>
#include <unistd.h>

#define LOOK_AROUND 100		 /* ms: the longest sleep */
#define PATIENCE (3 * DQ_SECOND) /* before a person is told */
#define TELL (60 * DQ_SECOND)	 /* and between two times */

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

/* What no waiting mends. Before the connection stands there is no SQLSTATE,
 * only words: those of a server that speaks another language are waited out. */
static bool
is_refused(const PGconn *conn)
{
	static const char *const words[] = {"does not exist",
	    "authentication failed", "no pg_hba.conf entry",
	    "no password supplied", "is not permitted to log in", NULL};
	const char *text = PQerrorMessage(conn);

	for (size_t i = 0; words[i]; i++)
		if (strstr(text, words[i]))
			return !strstr(text, "socket") ||
			       strstr(text, "FATAL:");
	return false;
}

/* libpq would write what the server has to remark in a form of its own. */
static void
ignore(void *context, const PGresult *result)
{
	(void)context;
	(void)result;
}

static bool
try_to_connect(struct dq_pg_client *client, bool *again, struct dq_err *err)
{
	const char *database =
	    client->options->database ? client->options->database : "";
	const char *const names[] = {"dbname", "application_name",
	    "connect_timeout", "client_encoding", NULL};
	const char *const values[] = {
	    database, client->options->tool, "5", "UTF8", NULL};

	*again = true;
	client->conn = PQconnectdbParams(names, values, 1);
	*client->state = 0;
	if (PQstatus(client->conn) != CONNECTION_OK) {
		dq_pg_say(client, PQerrorMessage(client->conn), err);
		*again = !is_refused(client->conn);
		return false;
	}
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
