#include "serve/reload.h"

#include "base/thread.h"

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
	reload->options = options;
	reload->running = true;
	atomic_store(&reload->ended, false);
	reload->thread = dq_thread_start("reload", read_files, reload);
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
