/* The stream of simulated events: order, balances, ids, bills, repetition. */
#include "sim/stream.h"

#include "base/map.h"
#include "unit.h"

#define CUSTOMERS 60
#define DAYS 200

static const struct dq_sim_options plain = {.seed = 5,
    .first_day = 20454,
    .days = DAYS,
    .customers = CUSTOMERS,
    .ticks = true};

static void
check_order(void)
{
	struct dq_sim *sim = dq_sim_new(&plain);
	const struct dq_sim_event *event;
	int64_t last = plain.first_day * DQ_DAY, ticks = 0, profiles = 0;
	uint32_t last_customer = 0;

	while ((event = dq_sim_next(sim))) {
		CHECK(event->time >= last);
		if (event->time == last && event->kind != DQ_KIND_TICK)
			CHECK(event->customer >= last_customer);
		if (event->kind == DQ_KIND_CUSTOMER) {
			CHECK_INT(event->customer, profiles++);
			CHECK_INT(ticks, 0);
		}
		if (event->kind == DQ_KIND_TICK) {
			ticks++;
			CHECK_INT(
			    event->time, (plain.first_day + ticks) * DQ_DAY);
		}
		last = event->time;
		last_customer =
		    event->kind == DQ_KIND_TICK ? 0 : event->customer;
	}
	CHECK_INT(profiles, CUSTOMERS);
	CHECK_INT(ticks, DAYS);
	CHECK(!dq_sim_next(sim));
	dq_sim_free(sim);
}

/* Each balance follows from the one before; transactions count up from 0. */
static void
check_balances(void)
{
	struct dq_sim *sim = dq_sim_new(&plain);
	const struct dq_sim_event *event;
	int64_t balance[CUSTOMERS];
	uint32_t number[CUSTOMERS] = {0};
	long failed = 0;

	for (int i = 0; i < CUSTOMERS; i++)
		balance[i] = sim->customers[i].balance;
	while ((event = dq_sim_next(sim))) {
		uint32_t c = event->customer;

		if (event->kind != DQ_KIND_TRANSACTION)
			continue;
		CHECK(event->amount > 0);
		if (!event->failed)
			balance[c] +=
			    event->credit ? event->amount : -event->amount;
		failed += event->failed;
		CHECK_INT(event->balance_after, balance[c]);
		CHECK_INT(event->number, number[c]++);
	}
	CHECK(failed > 0);
	dq_sim_free(sim);
}

/* A bill is announced once, at most ten days ahead, and ends in one of the
 * four ways; only a missed one may be paid after its end. */
static void
check_bill(const struct dq_sim_event *event, const struct dq_sim_event *before)
{
	int64_t day = dq_day_of(event->time);

	if (event->status == DQ_SIM_PENDING) {
		CHECK(before->status != DQ_SIM_PENDING || !before->amount);
		CHECK(event->due >= day && event->due <= day + 10);
		CHECK_INT(event->number, before->number + 1);
		return;
	}
	CHECK_INT(event->number, before->number);
	CHECK_INT(event->due, before->due);
	CHECK_INT(event->amount, before->amount);
	CHECK(
	    before->status == DQ_SIM_PENDING ||
	    (before->status == DQ_SIM_MISSED && event->status == DQ_SIM_LATE));
	if (event->status == DQ_SIM_MISSED) {
		CHECK_INT(event->paid_on, 0);
		CHECK(day > event->due + DQ_SIM_GRACE);
		return;
	}
	CHECK_INT(event->paid_on, day);
	if (event->status == DQ_SIM_PARTIAL)
		CHECK(event->paid > 0 && event->paid < event->amount);
	else
		CHECK_INT(event->paid, event->amount);
	if (event->status == DQ_SIM_PAID)
		CHECK(day <= event->due);
	if (event->status == DQ_SIM_LATE)
		CHECK(day > event->due);
}

static void
check_bills(void)
{
	static struct dq_sim_event last[2000][DQ_SIM_BILLS];
	struct dq_sim_options options = plain;
	const struct dq_sim_event *event;
	long seen[DQ_SIM_LATE + 1] = {0};
	struct dq_sim *sim;

	options.customers = 2000;
	sim = dq_sim_new(&options);
	while ((event = dq_sim_next(sim))) {
		if (event->kind != DQ_KIND_PAYMENT)
			continue;
		check_bill(event, &last[event->customer][event->bill]);
		last[event->customer][event->bill] = *event;
		seen[event->status]++;
	}
	for (int status = DQ_SIM_PENDING; status <= DQ_SIM_LATE; status++)
		CHECK(seen[status] > 20);
	dq_sim_free(sim);
}

static void
write_all(
    const struct dq_sim_options *options, uint32_t below, struct dq_buf *out)
{
	struct dq_sim *sim = dq_sim_new(options);
	const struct dq_sim_event *event;

	while ((event = dq_sim_next(sim)))
		if (event->customer < below) {
			dq_sim_write(sim, event, out);
			dq_buf_byte(out, '\n');
		}
	dq_sim_free(sim);
}

/* Same options, same bytes; a customer is the same among few and many; other
 * seed, other bytes. */
static void
check_repetition(void)
{
	struct dq_sim_options options = plain;
	struct dq_buf first = {0}, second = {0}, many = {0}, other = {0};

	options.days = 40;
	write_all(&options, 10, &first);
	write_all(&options, 10, &second);
	options.customers = 500;
	write_all(&options, 10, &many);
	options.seed++;
	write_all(&options, 10, &other);
	CHECK(first.len > 10000);
	CHECK(dq_slice_equal(dq_buf_view(&first), dq_buf_view(&second)));
	CHECK(dq_slice_equal(dq_buf_view(&first), dq_buf_view(&many)));
	CHECK(!dq_slice_equal(dq_buf_view(&first), dq_buf_view(&other)));
	dq_buf_release(&first);
	dq_buf_release(&second);
	dq_buf_release(&many);
	dq_buf_release(&other);
}

/* The text of the first id in the line that begins with this letter. */
static struct dq_slice
find_id(const struct dq_buf *line, char letter)
{
	const char key[] = {'_', 'i', 'd', '"', ':', '"', letter};
	const char *at = memmem(line->data, line->len, key, sizeof(key));

	return at ? (struct dq_slice){at + 6, 17} : (struct dq_slice){0};
}

static void
check_ids(void)
{
	struct dq_sim *sim = dq_sim_new(&plain);
	const struct dq_sim_event *event;
	struct dq_map ids = {0};
	struct dq_buf line = {0};
	uint32_t wanted = 0;

	while ((event = dq_sim_next(sim))) {
		bool payment = event->kind == DQ_KIND_PAYMENT;

		line.len = 0;
		dq_sim_write(sim, event, &line);
		if (event->kind == DQ_KIND_TRANSACTION ||
		    (payment && event->status == DQ_SIM_PENDING)) {
			dq_map_put(&ids, find_id(&line, payment ? 'P' : 'T'));
			CHECK_INT(ids.count, ++wanted);
		} else if (payment) {
			CHECK(dq_map_get(&ids, find_id(&line, 'P')) !=
			      DQ_MAP_NONE);
		}
	}
	CHECK(wanted > 10000);
	dq_map_release(&ids);
	dq_buf_release(&line);
	dq_sim_free(sim);
}

static void
check_customer_ids(void)
{
	char text[16];

	CHECK_TEXT(dq_sim_customer_id(0, text), "C000001");
	CHECK_TEXT(dq_sim_customer_id(41, text), "C000042");
	CHECK_TEXT(dq_sim_customer_id(99999999, text), "C100000000");
}

int
main(void)
{
	check_order();
	check_balances();
	check_bills();
	check_repetition();
	check_ids();
	check_customer_ids();
	return unit_done();
}
