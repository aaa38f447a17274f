#include "features/moment.h"

#include "features/days.h"

#include <math.h>
#include <string.h>

#define NEED_LEVELS                                                            \
	(DQ_NEED_LEVELS | DQ_NEED_TILES | DQ_NEED_YEAR | DQ_NEED_PAST)
#define NEED_DAYS (NEED_LEVELS | DQ_NEED_CLASSES)
/* These run along with N; for a later T days are looked at. */
#define NEED_WINDOWS (DQ_NEED_SUMS | DQ_NEED_LARGEST | DQ_NEED_YEAR)

static void
fill_levels(struct dq_levels *levels, const struct dq_run *run, int32_t T)
{
	int from = run->from - (T - DQ_KEPT_DAYS + 1);
	int to = run->to - (T - DQ_KEPT_DAYS + 1);

	if (to < 0)
		return;
	if (from < 0)
		from = 0;
	if (from < levels->first)
		levels->first = from;
	if (run->known && from < levels->known)
		levels->known = from;
	for (int i = from; i <= to; i++) {
		levels->level[i] = run->level;
		levels->low[i] = run->low;
	}
}

/* Where the year, the quarter and the month ending on T begin; T's morrow. */
struct zones {
	int32_t begin[4];
};

static struct zones
zones_of(int32_t T)
{
	return (struct zones){
	    {dq_month_first(T) * DQ_MONTH_DAYS, T - 89, T - 29, T + 1}};
}

/* Each day goes into the smallest tile that holds it. */
static void
fill_tiles(
    struct dq_sight *sight, const struct dq_run *run, const struct zones *zones)
{
	struct dq_month *const tiles[] = {
	    &sight->year, &sight->quarter, &sight->month};

	for (int i = 0; i < 3; i++) {
		struct dq_run part = *run;

		if (run->from >= zones->begin[i + 1])
			continue;

		if (part.from < zones->begin[i])
			part.from = zones->begin[i];
		if (part.to >= zones->begin[i + 1])
			part.to = zones->begin[i + 1] - 1;
		if (part.from <= part.to)
			dq_month_add_run(tiles[i], &part);
	}
}

static void
see_run(struct dq_sight *sight, const struct dq_run *run, int32_t T,
    const struct zones *zones)
{
	fill_levels(&sight->levels, run, T);
	if (zones)
		fill_tiles(sight, run, zones);
}

/* Levels, and tiles where zones are given. */
static void
see_levels(struct dq_sight *sight, const struct dq_customer *c, int32_t T,
    const struct zones *zones)
{
	struct dq_walk walk = dq_walk_begin(c);
	struct dq_run run;

	sight->levels.first = sight->levels.known = DQ_KEPT_DAYS;
	for (size_t i = 0; i < sight->count; i++) {
		if (dq_walk_gap(&walk, sight->days[i].day, &run))
			see_run(sight, &run, T, zones);
		dq_walk_day(&walk, &sight->days[i], &run);
		see_run(sight, &run, T, zones);
	}
	if (dq_walk_gap(&walk, T + 1, &run))
		see_run(sight, &run, T, zones);
}

static void
see_tiles(struct dq_sight *sight, const struct dq_customer *c, int32_t T)
{
	struct zones zones = zones_of(T);

	sight->year = dq_month_empty(dq_month_first(T));
	sight->month = dq_month_empty(0);
	sight->quarter = dq_month_empty(0);
	see_levels(sight, c, T, &zones);
	dq_month_add(&sight->quarter, &sight->month);
	dq_month_add(&sight->year, &sight->quarter);
}

/* Adds to the year what the kept days do not hold, and what was spent. */
static void
see_year(struct dq_sight *sight, const struct dq_moment *m)
{
	const struct dq_month *months =
	    dq_customer_part(m->customer, DQ_PART_MONTHS);
	size_t count = m->customer->used[DQ_PART_MONTHS] / sizeof(*months);
	struct dq_month *year = &sight->year;
	int32_t begin = year->number * DQ_MONTH_DAYS;

	for (size_t i = 0; i < count; i++)
		if (months[i].number >= year->number)
			dq_month_add(year, &months[i]);
	for (size_t i = 0; i < sight->count; i++) {
		if (sight->days[i].day >= m->T - 89)
			break;
		if (sight->days[i].day >= begin)
			dq_month_add_day(year, &sight->days[i]);
	}
	dq_month_add_sums(year, &m->quarter);
}

static void
scan_sums(struct dq_moment *m)
{
	const struct dq_day *days = m->sight->days;
	size_t count = m->sight->count;
	struct dq_sums week;

	dq_days_sums(days, count, m->T - 29, m->T, &m->recent);
	dq_days_sums(days, count, m->T - 89, m->T - 30, &m->baseline);
	dq_days_sums(days, count, m->T - 6, m->T, &week);
	m->week_discretionary = week.sum[DQ_SUM_DISCRETIONARY];
	m->quarter = m->recent;
	dq_sums_add(&m->quarter, &m->baseline);
}

static void
run_along(struct dq_moment *m, const struct dq_customer *c)
{
	m->recent = c->window[DQ_WINDOW_30];
	m->quarter = c->window[DQ_WINDOW_90];
	m->baseline = m->quarter;
	dq_sums_subtract(&m->baseline, &m->recent);
	m->week_discretionary = c->week_discretionary;
	m->largest = c->largest;
}

static void
add_classes(int64_t *restrict to, const int64_t *restrict more)
{
	for (int k = 0; k < DQ_CLASSES; k++)
		to[k] = (int64_t)((uint64_t)to[k] + (uint64_t)more[k]);
}

static void
scan_classes(struct dq_moment *m)
{
	memset(m->recent_class, 0, sizeof(m->recent_class));
	memset(m->baseline_class, 0, sizeof(m->baseline_class));
	for (size_t i = 0; i < m->sight->count; i++) {
		const struct dq_day *day = &m->sight->days[i];
		int32_t age = m->T - day->day;

		if (age < 90)
			add_classes(
			    age < 30 ? m->recent_class : m->baseline_class,
			    day->field + DQ_DAY_CLASS);
	}
}

static void
scan_largest(struct dq_moment *m)
{
	m->largest = -1;
	for (size_t i = 0; i < m->sight->count; i++) {
		const struct dq_day *day = &m->sight->days[i];

		if (m->T - day->day < 30 && day->field[DQ_DAY_DEBITS] &&
		    day->field[DQ_DAY_LARGEST] > m->largest)
			m->largest = day->field[DQ_DAY_LARGEST];
	}
}

static void
scan_windows(struct dq_moment *m)
{
	scan_sums(m);
	scan_largest(m);
}

static void
sum_payments(struct dq_moment *m)
{
	m->recent_due = dq_payments_sums(m->customer, m->T - 29, m->T, m->T);
	m->baseline_due =
	    dq_payments_sums(m->customer, m->T - 89, m->T - 30, m->T);
}

static void
set_time(struct dq_moment *m, const struct dq_customer *c, int32_t T)
{
	m->customer = c;
	m->T = T;
	m->history = 0;
	if (c->first != DQ_NO_DAY && c->first <= T)
		m->history = T - c->first + 1;
}

void
dq_moment_init(struct dq_moment *m, struct dq_sight *sight,
    const struct dq_customer *c, int32_t T, unsigned needs)
{
	bool running = T == c->newest;

	set_time(m, c, T);
	m->sight = sight;
	m->today = DQ_KEPT_DAYS - 1;
	m->composite_past = NAN;
	if (!m->history)
		return;
	m->level = c->level;
	m->level_known = c->level_known;
	if (needs & NEED_DAYS || (needs & NEED_WINDOWS && !running))
		sight->count = dq_days_unpack(c, T, sight->days);
	if (needs & (DQ_NEED_TILES | DQ_NEED_YEAR))
		see_tiles(sight, c, T);
	else if (needs & NEED_LEVELS)
		see_levels(sight, c, T, NULL);
	if (running)
		run_along(m, c);
	else if (needs & NEED_WINDOWS)
		scan_windows(m);
	if (needs & DQ_NEED_YEAR)
		see_year(sight, m);
	m->baseline_known = m->baseline.count[DQ_COUNT_ACTIVE] >= 14;
	if (needs & DQ_NEED_CLASSES)
		scan_classes(m);
	if (needs & DQ_NEED_PAYMENTS)
		sum_payments(m);
	if (needs & DQ_NEED_SALARY)
		m->salary = dq_salary_view(c, T);
}

/* Seven days leave at the end of each window, seven join at its begin. */
static void
sums_before(struct dq_moment *then, const struct dq_moment *now)
{
	const struct dq_day *days = now->sight->days;
	size_t count = now->sight->count;
	struct dq_sums sums;

	then->recent = now->recent;
	then->quarter = now->quarter;
	dq_days_sums(days, count, then->T + 1, now->T, &sums);
	dq_sums_subtract(&then->recent, &sums);
	dq_sums_subtract(&then->quarter, &sums);
	dq_days_sums(days, count, then->T - 29, now->T - 30, &sums);
	dq_sums_add(&then->recent, &sums);
	dq_days_sums(days, count, then->T - 89, now->T - 90, &sums);
	dq_sums_add(&then->quarter, &sums);
	then->baseline = then->quarter;
	dq_sums_subtract(&then->baseline, &then->recent);
	dq_days_sums(days, count, then->T - 6, then->T, &sums);
	then->week_discretionary = sums.sum[DQ_SUM_DISCRETIONARY];
}

void
dq_moment_before(struct dq_moment *then, const struct dq_moment *now)
{
	set_time(then, now->customer, now->T - 7);
	then->sight = now->sight;
	then->today = now->today - 7;
	then->composite_past = NAN;
	if (!then->history)
		return;
	sums_before(then, now);
	then->level = now->sight->levels.level[then->today];
	then->level_known = now->sight->levels.known <= then->today;
	then->baseline_known = then->baseline.count[DQ_COUNT_ACTIVE] >= 14;
	sum_payments(then);
	then->salary = dq_salary_view(now->customer, then->T);
}
