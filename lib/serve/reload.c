#include "serve/reload.h"

#include <signal.h>

static void *
read_files(void *argument)
{
	struct dq_reload *reload = argument;

	reload->good =
	    dq_desk_read(reload->options, &reload->files, &reload->err);
	atomic_store(&reload->ended, true);
	return NULL;
}

void
dq_reload_start(struct dq_reload *reload, const struct dq_desk_options *options)
{
	sigset_t all, old;

	reload->options = options;
	reload->running = true;
	atomic_store(&reload->ended, false);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	if (pthread_create(&reload->thread, NULL, read_files, reload) != 0)
		dq_die(DQ_EXIT_RETRY, "reload", "cannot start a thread: %m");
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

bool
dq_reload_look(struct dq_reload *reload)
{
	if (!reload->running || !atomic_load(&reload->ended))
		return false;
	pthread_join(reload->thread, NULL);
	reload->running = false;
	return true;
}

void
dq_reload_close(struct dq_reload *reload)
{
	if (!reload->running)
		return;
	pthread_join(reload->thread, NULL);
	reload->running = false;
	if (reload->good)
		dq_desk_files_release(&reload->files);
}
