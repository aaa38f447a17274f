#include "audit/sealer.h"

#include "base/mem.h"
#include "base/num.h"
#include "base/time.h"

#include <stdlib.h>

struct dq_sealer_chain {
	struct dq_chain chain;
	int64_t headed; /* lines under the last head */
	int64_t time;	/* the greatest event time */
};

void
dq_sealer_release(struct dq_sealer *s)
{
	free(s->chains);
}

static struct dq_sealer_chain *
chain_of(struct dq_sealer *s, int32_t partition)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->chains[i].chain.partition == partition)
			return &s->chains[i];
	s->chains =
	    dq_realloc_array(s->chains, s->count + 1, sizeof(*s->chains));
	s->chains[s->count] = (struct dq_sealer_chain){
	    .chain.partition = partition, .time = DQ_TIME_NONE};
	return &s->chains[s->count++];
}

static void
write_head(
    struct dq_sealer *s, struct dq_sealer_chain *chain, struct dq_out *out)
{
	if (chain->headed == chain->chain.n)
		return;
	dq_buf_head(dq_out_begin(out), &chain->chain, chain->time, s->key);
	dq_out_end(out, (struct dq_slice){"", 0});
	chain->headed = chain->chain.n;
}

static struct dq_slice
without_blanks(struct dq_slice line)
{
	while (line.data[line.len - 1] != '}')
		line.len--;
	while (line.data[0] != '{') {
		line.data++;
		line.len--;
	}
	return line;
}

bool
dq_sealer_record(struct dq_sealer *s, const struct dq_record *record,
    struct dq_out *out, struct dq_err *err)
{
	struct dq_sealer_chain *chain;
	struct dq_seal there;

	if (dq_seal_read(record->line, &there))
		return dq_err_set(err, "is sealed already");
	chain = chain_of(s, record->place.partition);
	if (record->time > chain->time)
		chain->time = record->time;
	dq_chain_seal(
	    &chain->chain, without_blanks(record->line), dq_out_begin(out));
	dq_out_end(out, record->customer_id);
	if (chain->chain.n - chain->headed >= s->every)
		write_head(s, chain, out);
	return true;
}

void
dq_sealer_end(struct dq_sealer *s, struct dq_out *out)
{
	for (size_t i = 0; i < s->count; i++)
		write_head(s, &s->chains[i], out);
}

void
dq_sealer_heads(const struct dq_sealer *s, struct dq_buf *out)
{
	for (size_t i = 0; i < s->count; i++) {
		dq_buf_head(
		    out, &s->chains[i].chain, s->chains[i].time, s->key);
		dq_buf_byte(out, '\n');
	}
}

void
dq_sealer_save(const struct dq_sealer *s, size_t row, struct dq_buf *key,
    struct dq_buf *value)
{
	const struct dq_sealer_chain *chain = &s->chains[row];
	char hash[DQ_SHA256_TEXT];

	dq_hex(chain->chain.hash, DQ_SHA256, hash);
	dq_buf_printf(key, "@clock %d", chain->chain.partition);
	dq_buf_byte(value, '{');
	dq_buf_member_int(value, "chain", chain->chain.partition);
	dq_buf_member_int(value, "n", chain->chain.n);
	dq_buf_member_str(value, "hash", hash);
	dq_buf_member_int(value, "headed", chain->headed);
	dq_buf_member_int(value, "time", chain->time);
	dq_buf_byte(value, '}');
}

bool
dq_sealer_get(
    const struct dq_sealer *s, struct dq_slice key, struct dq_buf *value)
{
	struct dq_buf name = {0};
	bool found = false;

	for (size_t i = 0; i < s->count && !found; i++) {
		struct dq_buf row = {0};

		name.len = 0;
		dq_sealer_save(s, i, &name, &row);
		found = dq_slice_equal(dq_buf_view(&name), key);
		if (found)
			dq_buf_slice(value, dq_buf_view(&row));
		dq_buf_release(&row);
	}
	dq_buf_release(&name);
	return found;
}

void
dq_sealer_clear(struct dq_sealer *s)
{
	s->count = 0;
}

bool
dq_sealer_load(struct dq_sealer *s, struct dq_slice value, struct dq_err *err)
{
	struct yyjson_doc *doc = dq_json_parse(value, err);
	struct yyjson_val *root = doc ? dq_json_root(doc) : NULL;
	struct dq_sealer_chain read;
	bool good = dq_chain_read(root, &read.chain) &&
		    dq_json_int(dq_json_get(root, "headed"), &read.headed) &&
		    dq_json_int(dq_json_get(root, "time"), &read.time);

	dq_json_free(doc);
	if (!good)
		return dq_err_set(err, "a chain's state is damaged");
	*chain_of(s, read.chain.partition) = read;
	return true;
}
