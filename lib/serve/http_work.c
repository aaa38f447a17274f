#include "base/mem.h"
#include "base/time.h"
#include "serve/http_inside.h"

#define SLICE 500   /* microseconds: nobody waits for longer */
#define AGAIN 20000 /* until a work that waits is called again */

void
dq_request_work(struct dq_request *request,
    enum dq_work (*step)(
	void *context, struct dq_request *request, void *state),
    void (*release)(void *state), void *state)
{
	struct dq_connection *c =
	    lws_container_of(request, struct dq_connection, request);

	c->step = step;
	c->release = release;
	c->state = state;
	c->waits = false;
}

void
dq_http_drop_work(struct dq_connection *c)
{
	if (c->phase == DQ_PHASE_WORK)
		c->http->working--;
	if (c->release)
		c->release(c->state);
	c->step = NULL;
	c->release = NULL;
	dq_buf_release(&c->out);
}

void
dq_http_work(
    struct dq_http *http, enum dq_work (*step)(void *state), void *state)
{
	http->tasks = dq_realloc_array(
	    http->tasks, http->task_count + 1, sizeof(*http->tasks));
	http->tasks[http->task_count++] =
	    (struct dq_task){.step = step, .state = state};
}

void
dq_http_works_go_on(struct dq_http *http)
{
	for (size_t i = 0; i < http->task_count; i++)
		http->tasks[i].waits = false;
	for (struct dq_connection *c = http->connections; c && http->working;
	     c = c->next)
		c->waits = false;
}

/* A task, until it waits, is done or the slice is over. */
static void
work_task(struct dq_http *http, int64_t end)
{
	struct dq_task *task = &http->tasks[http->task_next];
	enum dq_work more;

	do {
		more = task->step(task->state);
		/* it may have added another */
		task = &http->tasks[http->task_next];
	} while (more == DQ_WORK_MORE && dq_clock_steady() < end);
	task->waits = more == DQ_WORK_WAIT;
	if (more == DQ_WORK_DONE) {
		*task = http->tasks[--http->task_count];
		return;
	}
	http->task_next++;
}

static void
work_request(struct dq_connection *c, int64_t end)
{
	enum dq_work more;

	do
		more = c->step(c->http->context, &c->request, c->state);
	while (more == DQ_WORK_MORE && dq_clock_steady() < end);
	c->waits = more == DQ_WORK_WAIT;
	if (more != DQ_WORK_DONE)
		return;
	c->phase = DQ_PHASE_READY;
	c->http->working--;
	lws_rx_flow_control(c->wsi, 1); /* without, no call either */
	lws_callback_on_writable(c->wsi);
}

static void
works_again(lws_sorted_usec_list_t *sul)
{
	struct dq_http *http = lws_container_of(sul, struct dq_http, again);

	http->again_due = false;
	dq_http_works_go_on(http);
}

/* Each that does not wait has its share of the slice. */
static size_t
works_ready(const struct dq_http *http)
{
	size_t n = 0;

	for (size_t i = 0; i < http->task_count; i++)
		n += !http->tasks[i].waits;
	for (const struct dq_connection *c = http->connections;
	     c && http->working; c = c->next)
		n += c->phase == DQ_PHASE_WORK && !c->waits;
	return n;
}

bool
dq_http_slice(struct dq_http *http)
{
	size_t ready = works_ready(http);
	int64_t share = ready ? SLICE / (int64_t)ready : 0;

	if (!ready && http->working && !http->again_due) {
		http->again_due = true;
		lws_sul_schedule(
		    http->lws, 0, &http->again, works_again, AGAIN);
	}
	if (!ready)
		return false;
	for (http->task_next = 0; http->task_next < http->task_count;)
		if (http->tasks[http->task_next].waits)
			http->task_next++;
		else
			work_task(http, dq_clock_steady() + share);
	for (struct dq_connection *c = http->connections, *next;
	     c && http->working; c = next) {
		next = c->next;
		if (c->phase == DQ_PHASE_WORK && !c->waits)
			work_request(c, dq_clock_steady() + share);
	}
	return true;
}

static void
on_timer(lws_sorted_usec_list_t *sul)
{
	struct dq_timer *timer = lws_container_of(sul, struct dq_timer, sul);

	lws_sul_schedule(
	    timer->http->lws, 0, &timer->sul, on_timer, timer->interval);
	timer->call(timer->context);
}

void
dq_http_every(struct dq_http *http, int64_t interval,
    void (*call)(void *context), void *context)
{
	struct dq_timer *timer = dq_calloc(1, sizeof(*timer));

	*timer = (struct dq_timer){.http = http,
	    .interval = interval,
	    .call = call,
	    .context = context,
	    .next = http->timers};
	http->timers = timer;
	lws_sul_schedule(http->lws, 0, &timer->sul, on_timer, interval);
}

void
dq_http_wake(struct dq_http *http)
{
	lws_cancel_service(http->lws);
}
