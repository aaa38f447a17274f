#include "base/thread.h"

#include "base/err.h"

#include <signal.h>
#include <string.h>

pthread_t
dq_thread_start(const char *what, void *(*run)(void *context), void *context)
{
	sigset_t all, before;
	pthread_t thread;
	int code;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	code = pthread_create(&thread, NULL, run, context);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (code)
		dq_die(DQ_EXIT_RETRY, what, "cannot start a thread: %s",
		    strerror(code));
	return thread;
}
