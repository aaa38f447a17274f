#include "features/diary.h"

#include "features/balance.h"
#include "features/days.h"

static size_t
put_run(const struct dq_run *run, struct dq_diary_day *out, size_t n)
{
	for (int32_t day = run->from; day <= run->to && n < DQ_KEPT_DAYS; day++)
		out[n++] = (struct dq_diary_day){
		    .day = day, .known = run->known, .balance = run->level};
	return n;
}

size_t
dq_diary_read(
    const struct dq_customer *c, struct dq_diary_day out[DQ_KEPT_DAYS])
{
	struct dq_day days[DQ_KEPT_DAYS];
	struct dq_walk walk;
	struct dq_run run;
	size_t count, n = 0;

	if (c->newest == DQ_NO_DAY)
		return 0;
	count = dq_days_unpack(c, c->newest, days);
	walk = dq_walk_begin(c);
	for (size_t i = 0; i < count; i++) {
		if (dq_walk_gap(&walk, days[i].day, &run))
			n = put_run(&run, out, n);
		dq_walk_day(&walk, &days[i], &run);
		n = put_run(&run, out, n);
		out[n - 1].spend = dq_day_spend(&days[i]);
		out[n - 1].income = days[i].field[DQ_DAY_INFLOW];
	}
	return n;
}
