/* Which decision on a customer holds now. */
#include "base/time.h"
#include "record/json.h"
#include "serve/book.h"

#include <string.h>

/* Does a member of the record begin with one of these? */
static bool
says(struct yyjson_doc *doc, const char *key, const char *const *these)
{
	struct dq_slice text =
	    dq_json_text(dq_json_get(dq_json_root(doc), key));
	bool found = false;

	for (; *these && !found; these++)
		found = text.len >= strlen(*these) &&
			!memcmp(text.data, *these, strlen(*these));
	return found;
}

/* When a decision's contact is made: at once, or not before a time. */
static int64_t
contact_time(const struct dq_book_decision *decision, struct yyjson_doc *doc)
{
	int64_t time;

	return dq_time_parse(
		   dq_json_text(dq_json_get(dq_json_root(doc), "not_before")),
		   &time)
		   ? time
		   : decision->time;
}

static struct yyjson_doc *
parse(const struct dq_book_decision *decision)
{
	struct dq_err err;

	return dq_json_parse(
	    (struct dq_slice){decision->line, decision->length}, &err);
}

/* Is this what a suppressed one gave way to? */
static bool
stands(const struct dq_book *book, const struct dq_book_decision *decision,
    bool review_open)
{
	static const char *const review[] = {"review", NULL};
	static const char *const contact[] = {"act", "defer", NULL};
	struct yyjson_doc *doc = parse(decision);
	bool yes = review_open ? says(doc, "decision", review)
			       : says(doc, "decision", contact) &&
				     contact_time(decision, doc) + DQ_DAY >
					 book->updated;

	dq_json_free(doc);
	return yes;
}

uint32_t
dq_book_in_force(const struct dq_book *book, uint32_t newest)
{
	static const char *const pending[] = {"review_pending", NULL};
	static const char *const limited[] = {"cool_down", "cap:", NULL};
	static const char *const suppressed[] = {"suppress", NULL};
	struct yyjson_doc *doc;
	bool open, waits;
	uint32_t i = newest;

	if (newest == DQ_MAP_NONE)
		return newest;
	doc = parse(&book->decisions[newest]);
	open = says(doc, "suppressed_by", pending);
	waits = open || says(doc, "suppressed_by", limited);
	while (waits && i != DQ_MAP_NONE && says(doc, "decision", suppressed)) {
		dq_json_free(doc);
		i = book->decisions[i].older;
		doc = i == DQ_MAP_NONE ? NULL : parse(&book->decisions[i]);
	}
	dq_json_free(doc);
	return waits && i != DQ_MAP_NONE &&
		       stands(book, &book->decisions[i], open)
		   ? i
		   : newest;
}
