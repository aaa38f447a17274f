#include "base/worker.h"

#include "base/mem.h"
#include "base/thread.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

struct dq_worker {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t begun, ended;
	atomic_bool busy;
	bool stop;
	void (*job)(void *context);
	void *context;
};

static void *
serve(void *context)
{
	struct dq_worker *w = context;

	pthread_mutex_lock(&w->lock);
	for (;;) {
		while (!w->busy && !w->stop)
			pthread_cond_wait(&w->begun, &w->lock);
		if (!w->busy)
			break;
		pthread_mutex_unlock(&w->lock);
		w->job(w->context);
		pthread_mutex_lock(&w->lock);
		w->busy = false;
		pthread_cond_signal(&w->ended);
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

struct dq_worker *
dq_worker_new(const char *what)
{
	struct dq_worker *w = dq_calloc(1, sizeof(*w));

	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->begun, NULL);
	pthread_cond_init(&w->ended, NULL);
	w->thread = dq_thread_start(what, serve, w);
	return w;
}

void
dq_worker_free(struct dq_worker *w)
{
	if (!w)
		return;
	pthread_mutex_lock(&w->lock);
	w->stop = true;
	pthread_cond_signal(&w->begun);
	pthread_mutex_unlock(&w->lock);
	pthread_join(w->thread, NULL);
	free(w);
}

void
dq_worker_begin(struct dq_worker *w, void (*job)(void *context), void *context)
{
	pthread_mutex_lock(&w->lock);
	w->job = job;
	w->context = context;
	w->busy = true;
	pthread_cond_signal(&w->begun);
	pthread_mutex_unlock(&w->lock);
}

bool
dq_worker_busy(struct dq_worker *w, int wait)
{
	struct timespec end;

	if (!w || !w->busy || !wait)
		return w && w->busy;
	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_nsec += wait * 1000000L;
	end.tv_sec += end.tv_nsec / 1000000000;
	end.tv_nsec %= 1000000000;
	pthread_mutex_lock(&w->lock);
	while (w->busy && pthread_cond_clockwait(
			      &w->ended, &w->lock, CLOCK_MONOTONIC, &end) == 0)
		;
	pthread_mutex_unlock(&w->lock);
	return w->busy;
}
