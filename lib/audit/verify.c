#include "audit/verify.h"

#include "base/mem.h"

#include <stdlib.h>

/* Lines not seen although later ones were: from..to. */
struct hole {
	int64_t from, to;
};

struct chain {
	struct dq_chain head; /* the greatest number seen, and its hash */
	bool known;	      /* head.hash is what came before the next */
	int64_t first;	      /* number of the first line; 0: none */
	int64_t lines, findings;
	int64_t signed_to; /* last number under a good signature */
	struct hole *holes;
	size_t count, cap;
};

struct dq_verify {
	const struct dq_key *key;
	bool partial;
	struct chain *chains;
	size_t count;
	int64_t findings;
};

struct dq_verify *
dq_verify_new(const struct dq_key *key, bool partial)
{
	struct dq_verify *v = dq_calloc(1, sizeof(*v));

	v->key = key;
	v->partial = partial;
	return v;
}

void
dq_verify_free(struct dq_verify *v)
{
	for (size_t i = 0; i < v->count; i++)
		free(v->chains[i].holes);
	free(v->chains);
	free(v);
}

int64_t
dq_verify_findings(const struct dq_verify *v)
{
	return v->findings;
}

static struct chain *
chain_of(struct dq_verify *v, int32_t partition)
{
	for (size_t i = 0; i < v->count; i++)
		if (v->chains[i].head.partition == partition)
			return &v->chains[i];
	v->chains =
	    dq_realloc_array(v->chains, v->count + 1, sizeof(*v->chains));
	v->chains[v->count] =
	    (struct chain){.head.partition = partition, .known = true};
	return &v->chains[v->count++];
}

/* `place` is where it was seen, or NULL. */
static void
tell_lines(struct dq_verify *v, struct chain *chain, const char *what,
    struct hole lines, const struct dq_place *place, struct dq_out *out)
{
	struct dq_buf *buf = dq_out_begin(out);
	char text[256];

	v->findings++;
	chain->findings++;
	dq_buf_str(buf, "{\"event_type\":\"finding\"");
	dq_buf_member_str(buf, "finding", what);
	dq_buf_member_int(buf, "chain", chain->head.partition);
	dq_buf_member_int(buf, "n", lines.from);
	if (lines.to > lines.from)
		dq_buf_member_int(buf, "to", lines.to);
	if (place)
		dq_buf_member_str(buf, "place", dq_place_text(place, text));
	dq_buf_byte(buf, '}');
	dq_out_end(out, (struct dq_slice){"", 0});
}

static void
tell(struct dq_verify *v, struct chain *chain, const char *what, int64_t n,
    const struct dq_place *place, struct dq_out *out)
{
	tell_lines(v, chain, what, (struct hole){n, n}, place, out);
}

static void
add_hole(struct chain *chain, int64_t from, int64_t to)
{
	if (from > to)
		return;
	if (chain->count == chain->cap) {
		chain->cap = chain->cap * 2 + 8;
		chain->holes = dq_realloc_array(
		    chain->holes, chain->cap, sizeof(*chain->holes));
	}
	chain->holes[chain->count++] = (struct hole){from, to};
}

/* Takes n out of the holes; false when it is in none. */
static bool
fill_hole(struct chain *chain, int64_t n)
{
	for (size_t i = 0; i < chain->count; i++) {
		struct hole *hole = &chain->holes[i];
		int64_t to = hole->to;

		if (n < hole->from || n > to)
			continue;
		hole->to = n - 1;
		add_hole(chain, n + 1, to);
		return true;
	}
	return false;
}

/* The first line seen of a chain that begins before the input. */
static void
begin(const struct dq_verify *v, struct chain *chain, int64_t n)
{
	if (chain->first)
		return;
	chain->first = v->partial ? n : 1;
	if (!v->partial || n == 1)
		return;
	chain->head.n = n - 1;
	chain->known = false;
}

static void
take_sealed(struct dq_verify *v, const struct dq_seal *seal,
    const struct dq_place *place, struct dq_out *out)
{
	struct chain *chain = chain_of(v, seal->partition);
	unsigned char hash[DQ_SHA256];

	chain->lines++;
	begin(v, chain, seal->n);
	if (seal->n <= chain->head.n) {
		tell(v, chain, fill_hole(chain, seal->n) ? "moved" : "inserted",
		    seal->n, place, out);
		return;
	}
	if (seal->n > chain->head.n + 1) {
		add_hole(chain, chain->head.n + 1, seal->n - 1);
		chain->known = false;
	}
	dq_chain_hash(chain->head.hash, seal->body, hash);
	if (chain->known && memcmp(hash, seal->hash, sizeof(hash)) != 0)
		tell(v, chain, "changed", seal->n, place, out);
	/* What follows is held against what this line claims to be, so that
	 * one changed line is one finding. */
	memcpy(chain->head.hash, seal->hash, sizeof(hash));
	chain->head.n = seal->n;
	chain->known = true;
}

static void
take_head(struct dq_verify *v, const struct dq_head *head,
    const struct dq_place *place, struct dq_out *out)
{
	struct chain *chain = chain_of(v, head->chain.partition);
	int64_t n = head->chain.n;

	begin(v, chain, n + 1);
	add_hole(chain, chain->head.n + 1, n);
	if (n > chain->head.n || (n == chain->head.n && !chain->known)) {
		chain->head = head->chain;
		chain->known = true;
	}
	if (n < chain->head.n ||
	    memcmp(head->chain.hash, chain->head.hash, DQ_SHA256) != 0) {
		tell(v, chain, "head does not fit", n, place, out);
		return;
	}
	if (!v->key)
		return;
	if (dq_head_verify(head, v->key))
		chain->signed_to = n;
	else
		tell(v, chain,
		    head->is_signed ? "signature does not fit"
				    : "head is not signed",
		    n, place, out);
}

void
dq_verify_record(
    struct dq_verify *v, const struct dq_record *record, struct dq_out *out)
{
	struct dq_seal seal;
	struct dq_head head;

	if (dq_seal_read(record->line, &seal))
		take_sealed(v, &seal, &record->place, out);
	else if (record->kind == DQ_KIND_OTHER &&
		 dq_head_read(record->line, &head))
		take_head(v, &head, &record->place, out);
	else if (DQ_KIND_BIT(record->kind) & DQ_DECIDED_KINDS)
		tell(v, chain_of(v, record->place.partition), "not sealed", 0,
		    &record->place, out);
}

static void
tell_missing(struct dq_verify *v, struct chain *chain, struct dq_out *out)
{
	for (size_t i = 0; i < chain->count; i++)
		if (chain->holes[i].from <= chain->holes[i].to)
			tell_lines(
			    v, chain, "missing", chain->holes[i], NULL, out);
}

static void
compare_end(struct dq_verify *v, const struct dq_head *head, struct dq_out *out)
{
	struct chain *chain = chain_of(v, head->chain.partition);
	bool same = head->chain.n == chain->head.n &&
		    !memcmp(head->chain.hash, chain->head.hash, DQ_SHA256);

	if (!same)
		tell(v, chain,
		    head->chain.n > chain->head.n ? "cut short"
						  : "goes on past its head",
		    head->chain.n, NULL, out);
	else if (v->key && !dq_head_verify(head, v->key))
		tell(v, chain, "signature does not fit", head->chain.n, NULL,
		    out);
	else if (v->key)
		chain->signed_to = head->chain.n;
}

static void
sum_up(const struct dq_verify *v, const struct chain *chain, struct dq_out *out)
{
	struct dq_buf *buf = dq_out_begin(out);

	dq_buf_str(buf, "{\"event_type\":\"verification\"");
	dq_buf_member_int(buf, "chain", chain->head.partition);
	dq_buf_member_int(buf, "from", chain->first);
	dq_buf_member_int(buf, "to", chain->head.n);
	dq_buf_member_int(buf, "lines", chain->lines);
	if (v->key)
		dq_buf_member_int(buf, "signed_to", chain->signed_to);
	dq_buf_member_int(buf, "findings", chain->findings);
	dq_buf_byte(buf, '}');
	dq_out_end(out, (struct dq_slice){"", 0});
}

void
dq_verify_end(struct dq_verify *v, const struct dq_head *heads, size_t count,
    struct dq_out *out)
{
	for (size_t i = 0; i < count; i++)
		compare_end(v, &heads[i], out);
	for (size_t i = 0; i < v->count; i++) {
		tell_missing(v, &v->chains[i], out);
		sum_up(v, &v->chains[i], out);
	}
}
