#include "run/staterow.h"

#include "base/delta.h"
#include "base/hash.h"
#include "base/num.h"

/* A row's key is the key itself for a whole value, "@N KEY" for change N; "@"
 * stands before a key that would look like one of these or like a row of the
 * runner's. A change is the hash of the value that it makes (little-endian 64
 * bit), then a dq_delta. */

#define SMALL 256     /* bytes of a value that is always written whole */
#define OVERHEAD 48   /* bytes that a row costs besides its value, about */
#define OWN "@clock " /* a filter's own row of a partition */

static uint64_t
hash_of(struct dq_slice value)
{
	return dq_hash(value, 0) | 1;
}

static void
make_key(struct dq_slice key, unsigned number, struct dq_buf *out)
{
	dq_buf_byte(out, '@');
	if (number) {
		dq_buf_int(out, number);
		dq_buf_byte(out, ' ');
	}
	dq_buf_slice(out, key);
}

unsigned
dq_staterow_key(struct dq_slice raw, struct dq_slice *key)
{
	unsigned number = 0;
	size_t at = 1;

	*key = raw;
	if (raw.len < 2 || raw.data[0] != '@')
		return 0;
	while (at < raw.len && at < 3 && raw.data[at] >= '0' &&
	       raw.data[at] <= '9')
		number = number * 10 + (unsigned)(raw.data[at++] - '0');
	if (at > 1 && at < raw.len && raw.data[at] == ' ' && number) {
		*key = (struct dq_slice){raw.data + at + 1, raw.len - at - 1};
		return number;
	}
	if (raw.data[1] == '@')
		*key = (struct dq_slice){raw.data + 1, raw.len - 1};
	return 0;
}

static bool
put_row(struct dq_slice key, unsigned number, struct dq_slice value,
    dq_staterow_put *put, void *context, struct dq_err *err)
{
	struct dq_buf raw = {0};
	bool good;

	if (!number &&
	    !(key.len && *key.data == '@' && !dq_slice_begins(key, OWN)))
		return put(context, key, value, err);
	make_key(key, number, &raw);
	good = put(context, dq_buf_view(&raw), value, err);
	dq_buf_release(&raw);
	return good;
}

/* The value's own row goes last: behind it nothing of it is left. */
static bool
forget(struct dq_staterow *row, struct dq_slice key, dq_staterow_put *put,
    void *context, struct dq_err *err)
{
	const struct dq_slice none = {NULL, 0};

	for (unsigned i = 1; i <= row->most; i++)
		if (!put_row(key, i, none, put, context, err))
			return false;
	*row = (struct dq_staterow){0};
	return put_row(key, 0, none, put, context, err);
}

/* The hash of a value that is there, 0 of none; and may what changed be
 * written, since `before` is what was written last? */
static uint64_t
look(const struct dq_staterow *row, struct dq_slice before, struct dq_slice now,
    bool *known)
{
	struct dq_hash_two hash;

	*known = before.data && now.len >= SMALL &&
		 row->changes < DQ_STATEROW_CHANGES;
	if (!*known)
		return now.data ? hash_of(now) : 0;
	hash = dq_hash_two(before, now, 0);
	*known = (hash.one | 1) == row->written;
	return hash.two | 1;
}

/* What changed; false when it is better written whole. */
static bool
make_change(const struct dq_staterow *row, struct dq_slice before,
    struct dq_slice now, uint64_t hash, struct dq_buf *out)
{
	dq_buf_add(out, &hash, sizeof(hash));
	dq_delta_make(before, now, out);
	return row->spent + out->len + OVERHEAD < now.len;
}

bool
dq_staterow_save(struct dq_staterow *row, struct dq_slice key,
    struct dq_slice before, struct dq_slice now, dq_staterow_put *put,
    void *context, struct dq_err *err)
{
	struct dq_buf change = {0};
	uint64_t hash;
	bool known, good;

	hash = look(row, before, now, &known);
	if (hash == row->written)
		return true;
	if (!hash)
		return forget(row, key, put, context, err);
	if (known && make_change(row, before, now, hash, &change)) {
		row->changes++;
		if (row->changes > row->most)
			row->most = row->changes;
		row->spent += (uint32_t)change.len + OVERHEAD;
		now = dq_buf_view(&change);
	} else {
		row->changes = 0;
		row->spent = 0;
	}
	row->written = hash;
	good = put_row(key, row->changes, now, put, context, err);
	dq_buf_release(&change);
	return good;
}

static void
take_whole(struct dq_staterow *row, struct dq_staterow_value *value,
    struct dq_slice bytes)
{
	value->bytes.len = 0;
	dq_buf_slice(&value->bytes, bytes);
	value->broken = false;
	row->changes = 0;
	row->spent = 0;
	row->written = bytes.len ? hash_of(bytes) : 0;
}

static bool
take_change(struct dq_staterow *row, struct dq_staterow_value *value,
    struct dq_slice bytes)
{
	struct dq_buf made = {0};
	uint64_t hash;

	if (bytes.len < sizeof(hash) || !value->bytes.len)
		return false;
	memcpy(&hash, bytes.data, sizeof(hash));
	if (!dq_delta_apply(dq_buf_view(&value->bytes),
		(struct dq_slice){
		    bytes.data + sizeof(hash), bytes.len - sizeof(hash)},
		DQ_STATEROW_LIMIT, &made) ||
	    hash_of(dq_buf_view(&made)) != hash) {
		dq_buf_release(&made);
		return false;
	}
	dq_buf_release(&value->bytes);
	value->bytes = made;
	row->written = hash;
	return true;
}

/* A change that stands before the whole value it was made obsolete by may have
 * lost its own, or its neighbours, to compaction: not a fault, as long as that
 * whole value comes. */
void
dq_staterow_take(struct dq_staterow *row, struct dq_staterow_value *value,
    unsigned number, struct dq_slice bytes)
{
	if (number > row->most)
		row->most = (uint8_t)number;
	if (!number) {
		take_whole(row, value, bytes);
		return;
	}
	if (!bytes.len)
		return;
	if (value->broken || number != row->changes + 1u ||
	    !take_change(row, value, bytes)) {
		value->broken = true;
		return;
	}
	row->changes++;
	row->spent += (uint32_t)bytes.len + OVERHEAD;
}
