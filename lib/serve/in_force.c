/* Which decision on a customer holds now. */
#include "base/time.h"
#include "serve/book.h"

/* Is this what one that gives way gave way to? */
static bool
stands(const struct dq_book *book, const struct dq_book_decision *decision,
    enum dq_gives_way way)
{
	if (way == DQ_WAY_REVIEW)
		return decision->decision == DQ_REVIEW;
	return (decision->decision == DQ_ACT ||
		   decision->decision == DQ_DEFER) &&
	       decision->contact + DQ_DAY > book->updated;
}

uint32_t
dq_book_in_force(const struct dq_book *book, uint32_t newest)
{
	const struct dq_book_decision *d =
	    dq_decisions_get(&book->decisions, newest);
	enum dq_gives_way way;
	uint32_t i = newest;

	if (!d)
		return DQ_MAP_NONE;
	way = d->way;
	while (way && d && d->decision == DQ_SUPPRESS) {
		i = d->older;
		d = dq_decisions_get(&book->decisions, i);
	}
	return way && d && stands(book, d, way) ? i : newest;
}
