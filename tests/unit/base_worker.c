/* One job at a time, beside its owner. */
#include "base/worker.h"

#include "unit.h"

#include <stdatomic.h>
#include <unistd.h>

static atomic_bool let_go;
static int done; /* of the worker while it is busy */

static void
count(void *context)
{
	done += *(int *)context;
}

static void
wait_and_count(void *context)
{
	while (!let_go)
		usleep(1000);
	count(context);
}

int
main(void)
{
	struct dq_worker *worker = dq_worker_new("a test");
	int one = 1, many = 0;

	CHECK(!dq_worker_busy(NULL, 1000));
	CHECK(!dq_worker_busy(worker, 0));
	dq_worker_begin(worker, wait_and_count, &one);
	CHECK(dq_worker_busy(worker, 0));
	CHECK(dq_worker_busy(worker, 20));
	let_go = true;
	while (dq_worker_busy(worker, 1000))
		;
	CHECK_INT(done, 1);
	for (int i = 0; i < 10000; i++) {
		while (dq_worker_busy(worker, 1000))
			;
		done += i;
		many += i + 1;
		dq_worker_begin(worker, count, &one);
	}
	while (dq_worker_busy(worker, 1000))
		;
	CHECK_INT(done, many + 1);

	/* What is under way is waited for at the end. */
	let_go = false;
	dq_worker_begin(worker, wait_and_count, &one);
	let_go = true;
	dq_worker_free(worker);
	CHECK_INT(done, many + 2);
	dq_worker_free(NULL);
	return unit_done();
}
