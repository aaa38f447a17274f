/* One customer. */
#include "serve/api_parts.h"

static void
put_decisions(const struct dq_book *book, uint32_t newest, struct dq_buf *out)
{
	dq_buf_key(out, "decisions");
	dq_buf_byte(out, '[');
	for (const struct dq_book_decision *d =
		 dq_decisions_get(&book->decisions, newest);
	     d; d = dq_decisions_get(&book->decisions, d->older))
		dq_part_decision(d, out);
	dq_buf_byte(out, ']');
}

/* Which of them holds: its id. */
static void
put_in_force(const struct dq_book *book, uint32_t newest, struct dq_buf *out)
{
	uint32_t number = dq_book_in_force(book, newest);

	if (number == DQ_MAP_NONE)
		dq_buf_member_null(out, "in_force");
	else
		dq_buf_member_text(
		    out, "in_force", dq_decisions_id(&book->decisions, number));
}

static void
put_features(struct dq_serve *serve, struct dq_slice id, struct dq_buf *out)
{
	struct dq_slice json;

	if (dq_desk_features(&serve->desk, id, &json))
		dq_buf_member_raw(out, "features", json);
	else
		dq_buf_member_null(out, "features");
}

static void
get_customer(void *context, struct dq_request *request)
{
	struct dq_serve *serve = context;
	struct dq_buf *out = request->out;
	uint32_t number = dq_part_customer(serve, request, request->args[0]);
	const struct dq_book_customer *c;

	if (number == DQ_MAP_NONE)
		return;
	c = &serve->book.customers[number];
	dq_buf_byte(out, '{');
	dq_buf_member_text(out, "customer_id", request->args[0]);
	dq_part_raw(out, "profile", c->profile);
	dq_part_raw(out, "risk", c->prediction);
	put_features(serve, request->args[0], out);
	put_in_force(&serve->book, c->decision, out);
	put_decisions(&serve->book, c->decision, out);
	dq_buf_key(out, "assignments");
	dq_buf_byte(out, '[');
	if (c->assignment)
		dq_buf_str(out, c->assignment);
	dq_buf_str(out, "]}\n");
}

const struct dq_endpoint dq_api_customer[] = {
    {"GET", "/customer/{id}", DQ_ROLE_READ, get_customer},
    {.path = NULL},
};
