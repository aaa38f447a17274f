#include "audit/chain.h"

#include "base/num.h"
#include "base/time.h"

#define MEMBER ",\"seal\":{\"chain\":"
#define SEAL_MAX 160 /* bytes of a seal, its comma and the line's brace */

void
dq_chain_hash(const unsigned char before[DQ_SHA256], struct dq_slice body,
    unsigned char hash[DQ_SHA256])
{
	static _Thread_local struct dq_buf bytes;

	bytes.len = 0;
	dq_buf_add(&bytes, before, DQ_SHA256);
	dq_buf_slice(&bytes, body);
	dq_buf_byte(&bytes, '}');
	dq_sha256(dq_buf_view(&bytes), hash);
}

static void
put_chain(struct dq_buf *out, const struct dq_chain *chain)
{
	char text[DQ_SHA256_TEXT];

	dq_hex(chain->hash, DQ_SHA256, text);
	dq_buf_int(out, chain->partition);
	dq_buf_member_int(out, "n", chain->n);
	dq_buf_member_str(out, "hash", text);
}

void
dq_chain_seal(struct dq_chain *chain, struct dq_slice line, struct dq_buf *out)
{
	struct dq_slice body = {line.data, line.len - 1};

	dq_chain_hash(chain->hash, body, chain->hash);
	chain->n++;
	dq_buf_slice(out, body);
	dq_buf_str(out, MEMBER);
	put_chain(out, chain);
	dq_buf_str(out, "}}");
}

/* Takes a whole number off the front. */
static bool
take_int(struct dq_slice *from, int64_t *out)
{
	size_t n = 0;

	while (n < from->len &&
	       (from->data[n] == '-' ||
		   (from->data[n] >= '0' && from->data[n] <= '9')))
		n++;
	if (!dq_num_int((struct dq_slice){from->data, n}, out))
		return false;
	from->data += n;
	from->len -= n;
	return true;
}

/* The last place of the member among the line's last bytes. */
static const char *
find_member(struct dq_slice line)
{
	size_t n = strlen(MEMBER);
	const char *at = line.data + line.len;
	const char *from = line.len > SEAL_MAX ? at - SEAL_MAX : line.data;

	for (at -= n; at > from; at--)
		if (!memcmp(at, MEMBER, n))
			return at;
	return NULL;
}

bool
dq_seal_read(struct dq_slice line, struct dq_seal *seal)
{
	const char *at = line.len > strlen(MEMBER) ? find_member(line) : NULL;
	struct dq_slice rest, hash;
	int64_t partition;

	if (!at)
		return false;
	seal->body = (struct dq_slice){line.data, (size_t)(at - line.data)};
	rest = (struct dq_slice){at, line.len - seal->body.len};
	if (!dq_slice_take(&rest, MEMBER) || !take_int(&rest, &partition) ||
	    partition < -1 || partition > INT32_MAX ||
	    !dq_slice_take(&rest, ",\"n\":") || !take_int(&rest, &seal->n) ||
	    seal->n < 1 || !dq_slice_take(&rest, ",\"hash\":\"") ||
	    rest.len < 64)
		return false;
	hash = (struct dq_slice){rest.data, 64};
	rest.data += 64;
	rest.len -= 64;
	seal->partition = (int32_t)partition;
	return dq_unhex(hash, seal->hash, DQ_SHA256) &&
	       dq_slice_take(&rest, "\"}}") && !rest.len;
}

/* What is signed: nothing that JSON could write in two ways. */
static void
put_signed_text(struct dq_buf *buf, const struct dq_chain *chain, int64_t time)
{
	char hash[DQ_SHA256_TEXT];

	dq_hex(chain->hash, DQ_SHA256, hash);
	dq_buf_printf(buf, "dq seal 1\n%d\n%lld\n%s\n", chain->partition,
	    (long long)chain->n, hash);
	if (time != DQ_TIME_NONE)
		dq_buf_time(buf, time);
	dq_buf_byte(buf, '\n');
}

static void
put_signature(struct dq_buf *buf, const struct dq_chain *chain, int64_t time,
    const struct dq_key *key)
{
	unsigned char signature[DQ_SIGNATURE];
	char text[2 * DQ_SIGNATURE + 1];
	struct dq_buf what = {0};

	put_signed_text(&what, chain, time);
	dq_key_sign(key, dq_buf_view(&what), signature);
	dq_hex(signature, DQ_SIGNATURE, text);
	dq_buf_member_str(buf, "key", dq_key_id(key));
	dq_buf_member_str(buf, "signature", text);
	dq_buf_release(&what);
}

void
dq_buf_head(struct dq_buf *buf, const struct dq_chain *chain, int64_t time,
    const struct dq_key *key)
{
	dq_buf_str(buf, "{\"event_type\":\"seal\"");
	if (time != DQ_TIME_NONE)
		dq_buf_member_time(buf, "event_time", time);
	dq_buf_key(buf, "chain");
	put_chain(buf, chain);
	dq_buf_member_str(buf, "program", "dq-audit " DQ_VERSION);
	if (key)
		put_signature(buf, chain, time, key);
	dq_buf_byte(buf, '}');
}

bool
dq_chain_read(struct yyjson_val *root, struct dq_chain *chain)
{
	int64_t partition;

	if (!dq_json_int(dq_json_get(root, "chain"), &partition) ||
	    partition < -1 || partition > INT32_MAX ||
	    !dq_json_int(dq_json_get(root, "n"), &chain->n) || chain->n < 0)
		return false;
	chain->partition = (int32_t)partition;
	return dq_unhex(
	    dq_json_text(dq_json_get(root, "hash")), chain->hash, DQ_SHA256);
}

bool
dq_head_read(struct dq_slice line, struct dq_head *head)
{
	struct dq_err err;
	struct yyjson_doc *doc = dq_json_parse(line, &err);
	struct yyjson_val *root = doc ? dq_json_root(doc) : NULL;
	struct yyjson_val *time = dq_json_get(root, "event_time");
	struct yyjson_val *signature = dq_json_get(root, "signature");
	bool good = false;

	*head = (struct dq_head){.time = DQ_TIME_NONE};
	if (!doc)
		return false;
	if (dq_slice_is(dq_json_text(dq_json_get(root, "event_type")), "seal"))
		good = dq_chain_read(root, &head->chain);
	if (good && time)
		good = dq_time_parse(dq_json_text(time), &head->time);
	head->is_signed = signature != NULL;
	if (good && signature)
		good = dq_unhex(
		    dq_json_text(signature), head->signature, DQ_SIGNATURE);
	dq_json_free(doc);
	return good;
}

bool
dq_head_verify(const struct dq_head *head, const struct dq_key *key)
{
	struct dq_buf what = {0};
	bool good;

	if (!head->is_signed)
		return false;
	put_signed_text(&what, &head->chain, head->time);
	good = dq_key_verify(key, dq_buf_view(&what), head->signature);
	dq_buf_release(&what);
	return good;
}
