/* Model, card, texts and policy read again by a thread of its own, while what
 * was read before is worked with. */
#ifndef DQ_SERVE_RELOAD_H
#define DQ_SERVE_RELOAD_H

#include "serve/desk.h"

#include <pthread.h>
#include <stdatomic.h>

/* Zeroed memory is one that does nothing. */
struct dq_reload {
	bool running;
	/* of the thread */
	const struct dq_desk_options *options;
	pthread_t thread;
	atomic_bool ended;
	bool good;
	struct dq_desk_files files;
	struct dq_err err;
};

/* Begins; nothing may be running. `options` must outlive it. */
void dq_reload_start(
    struct dq_reload *reload, const struct dq_desk_options *options);

/* Looks without waiting. True when it has ended: then what was read is in
 * `files`, to be taken over, or reload->good is false and reload->err says
 * why. */
bool dq_reload_look(struct dq_reload *reload);

/* Waits for its end; frees what nobody took. */
void dq_reload_close(struct dq_reload *reload);

#endif
