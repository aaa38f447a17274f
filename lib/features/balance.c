#include "features/balance.h"

#include <string.h>

struct dq_walk
dq_walk_begin(const struct dq_customer *c)
{
	return (struct dq_walk){
	    .next = dq_customer_kept_from(c),
	    .level = c->base_level,
	    .known = c->base_known,
	};
}

bool
dq_walk_gap(struct dq_walk *walk, int32_t day, struct dq_run *run)
{
	if (walk->next >= day)
		return false;
	*run = (struct dq_run){
	    .from = walk->next,
	    .to = day - 1,
	    .level = walk->level,
	    .low = walk->level,
	    .known = walk->known,
	};
	walk->next = day;
	return true;
}

void
dq_walk_day(struct dq_walk *walk, const struct dq_day *day, struct dq_run *run)
{
	int64_t dip = 0;

	if (day->stated) {
		walk->level = day->field[DQ_DAY_BALANCE];
		walk->known = true;
		dip = day->field[DQ_DAY_DIP];
	} else {
		walk->level = (int64_t)((uint64_t)walk->level +
					(uint64_t)day->field[DQ_DAY_INFLOW] -
					(uint64_t)dq_day_outflow(day));
	}
	walk->next = day->day + 1;
	*run = (struct dq_run){
	    .from = day->day,
	    .to = day->day,
	    .level = walk->level,
	    .low = walk->level - dip,
	    .known = walk->known,
	};
}

int32_t
dq_month_of(int32_t day)
{
	return day / DQ_MONTH_DAYS - (day % DQ_MONTH_DAYS < 0);
}

int32_t
dq_month_first(int32_t T)
{
	return dq_month_of(T - 364);
}

struct dq_month
dq_month_empty(int32_t number)
{
	return (struct dq_month){
	    .number = number, .low = INT64_MAX, .high = INT64_MIN};
}

static void
add_square(uint64_t square[2], unsigned __int128 more)
{
	unsigned __int128 sum =
	    ((unsigned __int128)square[1] << 64 | square[0]) + more;

	square[0] = (uint64_t)sum;
	square[1] = (uint64_t)(sum >> 64);
}

void
dq_month_add_run(struct dq_month *month, const struct dq_run *run)
{
	int32_t days = run->to - run->from + 1;
	unsigned __int128 square =
	    (unsigned __int128)((__int128)run->level * run->level);

	if (!run->known)
		return;
	month->sum = (int64_t)((uint64_t)month->sum +
			       (uint64_t)run->level * (uint64_t)days);
	add_square(month->square, square * (unsigned)days);
	if (run->low < month->low)
		month->low = run->low;
	if (run->level > month->high)
		month->high = run->level;
	month->days += days;
}

void
dq_month_add_day(struct dq_month *month, const struct dq_day *day)
{
	month->atm =
	    (int64_t)((uint64_t)month->atm + (uint64_t)day->field[DQ_DAY_ATM]);
	month->spend =
	    (int64_t)((uint64_t)month->spend + (uint64_t)dq_day_spend(day));
	month->fees += (int32_t)day->field[DQ_DAY_FEES];
}

void
dq_month_add_sums(struct dq_month *month, const struct dq_sums *sums)
{
	month->atm =
	    (int64_t)((uint64_t)month->atm + (uint64_t)sums->sum[DQ_SUM_ATM]);
	month->spend = (int64_t)((uint64_t)month->spend +
				 (uint64_t)sums->sum[DQ_SUM_SPEND]);
	month->fees += sums->count[DQ_COUNT_FEES];
}

void
dq_month_add(struct dq_month *to, const struct dq_month *more)
{
	to->sum = (int64_t)((uint64_t)to->sum + (uint64_t)more->sum);
	add_square(to->square,
	    (unsigned __int128)more->square[1] << 64 | more->square[0]);
	if (more->low < to->low)
		to->low = more->low;
	if (more->high > to->high)
		to->high = more->high;
	to->atm = (int64_t)((uint64_t)to->atm + (uint64_t)more->atm);
	to->spend = (int64_t)((uint64_t)to->spend + (uint64_t)more->spend);
	to->days += more->days;
	to->fees += more->fees;
}

/* Time only moves on: the tile is the last one or a new one behind it. */
static struct dq_month *
last_month(struct dq_customer **c, int32_t number)
{
	uint32_t used = (*c)->used[DQ_PART_MONTHS];
	struct dq_month *months = dq_customer_part(*c, DQ_PART_MONTHS);
	size_t count = used / sizeof(*months);

	if (count && months[count - 1].number == number)
		return &months[count - 1];
	months = dq_customer_splice(
	    c, DQ_PART_MONTHS, used, 0, (uint32_t)sizeof(*months));
	*months = dq_month_empty(number);
	return months;
}

static void
fold_run(struct dq_customer **c, struct dq_run run, int32_t oldest)
{
	int32_t last = dq_month_of(run.to), number = dq_month_of(run.from);
	struct dq_run piece = run;

	for (number = number > oldest ? number : oldest; number <= last;
	     number++) {
		int32_t from = number * DQ_MONTH_DAYS;
		int32_t to = from + DQ_MONTH_DAYS - 1;

		piece.from = from > run.from ? from : run.from;
		piece.to = to < run.to ? to : run.to;
		dq_month_add_run(last_month(c, number), &piece);
	}
}

static void
fold_day(struct dq_customer **c, struct dq_walk *walk, const struct dq_day *day,
    int32_t oldest)
{
	struct dq_run run;

	if (dq_walk_gap(walk, day->day, &run))
		fold_run(c, run, oldest);
	dq_walk_day(walk, day, &run);
	fold_run(c, run, oldest);
	if (dq_month_of(day->day) >= oldest)
		dq_month_add_day(last_month(c, dq_month_of(day->day)), day);
}

static void
drop_months(struct dq_customer **c, int32_t oldest)
{
	const struct dq_month *months = dq_customer_part(*c, DQ_PART_MONTHS);
	uint32_t bytes = 0;

	while (bytes < (*c)->used[DQ_PART_MONTHS] && months->number < oldest) {
		bytes += (uint32_t)sizeof(*months);
		months++;
	}
	if (bytes)
		dq_customer_splice(c, DQ_PART_MONTHS, 0, bytes, 0);
}

uint32_t
dq_balance_fold(struct dq_customer **c, int32_t kept, int32_t newest)
{
	struct dq_walk walk = dq_walk_begin(*c);
	int32_t oldest = dq_month_first(newest), near = (*c)->newest;
	uint32_t at = 0;
	struct dq_run run;

	if (walk.next >= kept)
		return 0;
	while (at < (*c)->used[DQ_PART_DAYS]) {
		const uint8_t *days = dq_customer_part(*c, DQ_PART_DAYS);
		struct dq_day day;
		size_t n = dq_day_unpack(days + at, near, &day);

		if (day.day >= kept)
			break;
		fold_day(c, &walk, &day, oldest);
		at += (uint32_t)n;
	}
	if (dq_walk_gap(&walk, kept, &run))
		fold_run(c, run, oldest);
	(*c)->base_level = walk.level;
	(*c)->base_known = walk.known;
	dq_customer_splice(c, DQ_PART_DAYS, 0, at, 0);
	drop_months(c, oldest);
	return at;
}
