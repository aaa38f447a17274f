#include "run/signals.h"

#include <string.h>

volatile sig_atomic_t dq_signals_stop, dq_signals_reload;

static void
ask_to_stop(int signal)
{
	(void)signal;
	dq_signals_stop = 1;
}

static void
ask_to_reload(int signal)
{
	(void)signal;
	dq_signals_reload = 1;
}

void
dq_signals_catch(void)
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_handler = ask_to_stop;
	/* No SA_RESTART: a write to a full pipe must notice too. A second
	 * signal ends the process at once. */
	action.sa_flags = (int)SA_RESETHAND;
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
}

void
dq_signals_catch_reload(void)
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_handler = ask_to_reload;
	sigaction(SIGHUP, &action, NULL);
}
