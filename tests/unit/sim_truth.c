/* What the truth file says against what the stream shows, and how often
 * things happen. */
#include "sim/stream.h"

#include "record/json.h"
#include "unit.h"

#include <stdlib.h>

#define CUSTOMERS 4000
#define DAYS 180

static const struct dq_sim_options options = {.seed = 11,
    .first_day = 20454,
    .days = DAYS,
    .customers = CUSTOMERS,
    .labels = true};

/* From the payment records alone: instalments only. */
static struct seen {
	int64_t first_missed;		/* due date, 0: none */
	int64_t open_due[DQ_SIM_BILLS]; /* of the bill that is open, or 0 */
	bool overdue[DAYS];
} seen[CUSTOMERS];

static void
watch(const struct dq_sim_event *event)
{
	struct seen *s = &seen[event->customer];

	if (event->kind != DQ_KIND_PAYMENT || event->type > DQ_SIM_CREDIT_CARD)
		return;
	if (event->status == DQ_SIM_PENDING)
		s->open_due[event->bill] = event->due;
	else if (event->status != DQ_SIM_MISSED)
		s->open_due[event->bill] = 0;
	else if (!s->first_missed || event->due < s->first_missed)
		s->first_missed = event->due;
}

static void
end_day(int64_t day)
{
	for (int i = 0; i < CUSTOMERS; i++)
		for (int b = 0; b < DQ_SIM_BILLS; b++)
			if (seen[i].open_due[b] && day >= seen[i].open_due[b])
				seen[i].overdue[day - options.first_day] = true;
}

static struct dq_sim *
run(struct dq_buf *labels)
{
	struct dq_sim *sim = dq_sim_new(&options);
	const struct dq_sim_event *event;
	int64_t day = options.first_day;

	while ((event = dq_sim_next(sim))) {
		for (; dq_day_of(event->time) > day; day++)
			end_day(day);
		watch(event);
		dq_sim_labels(sim, labels);
	}
	end_day(day);
	dq_sim_labels(sim, labels);
	return sim;
}

static void
check_label(struct dq_slice line, long *positives)
{
	struct yyjson_doc *doc = dq_json_parse(line, NULL);
	struct yyjson_val *root = dq_json_root(doc);
	struct dq_slice time = dq_json_text(dq_json_get(root, "event_time"));
	struct dq_slice id = dq_json_text(dq_json_get(root, "customer_id"));
	int64_t label = -1, at = 0, day;
	const struct seen *s;
	bool within;

	CHECK(dq_json_int(dq_json_get(root, "label"), &label));
	CHECK(dq_time_parse(time, &at));
	CHECK_INT(at % DQ_DAY, DQ_DAY - DQ_SECOND);
	day = dq_day_of(at);
	s = &seen[strtol(id.data + 1, NULL, 10) - 1];
	CHECK(!s->overdue[day - options.first_day]);
	CHECK(!s->first_missed || s->first_missed >= day);
	within = s->first_missed > day && s->first_missed <= day + 30;
	CHECK_INT(label, within);
	*positives += label == 1;
	dq_json_free(doc);
}

static void
check_labels(const struct dq_buf *labels)
{
	const char *at = labels->data, *end = at + labels->len;
	long rows = 0, positives = 0;

	for (; at < end; rows++) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));

		check_label(
		    (struct dq_slice){at, (size_t)(newline - at)}, &positives);
		at = newline + 1;
	}
	/* 12 weeks can be told, and few have dropped out before. */
	CHECK(rows > 11 * CUSTOMERS && rows < 13 * CUSTOMERS);
	CHECK(positives * 200 > rows && positives * 30 < rows);
}

static void
check_customers(const struct dq_sim *sim)
{
	long missed = 0, caused = 0, causes[DQ_SIM_HARMFUL] = {0};

	for (int i = 0; i < CUSTOMERS; i++) {
		const struct dq_sim_customer *c = &sim->customers[i];

		/* Of two missed at once the one reported first counts. */
		CHECK(
		    (c->first_missed == DQ_SIM_NEVER) == !seen[i].first_missed);
		missed += c->first_missed != DQ_SIM_NEVER;
		if (c->cause == DQ_SIM_NO_CAUSE)
			continue;
		causes[c->cause]++;
		CHECK(c->onset >= options.first_day);
		CHECK(c->onset <= c->first_missed);
		caused += c->first_missed != DQ_SIM_NEVER;
	}
	CHECK(missed * 20 > CUSTOMERS && missed * 10 < CUSTOMERS);
	CHECK(caused * 10 > missed * 4);
	for (int cause = 0; cause < DQ_SIM_HARMFUL; cause++)
		CHECK(causes[cause] > CUSTOMERS / 100);
}

int
main(void)
{
	struct dq_buf labels = {0};
	struct dq_sim *sim = run(&labels);

	check_labels(&labels);
	check_customers(sim);
	dq_buf_release(&labels);
	dq_sim_free(sim);
	return unit_done();
}
