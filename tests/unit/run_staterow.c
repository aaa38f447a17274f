/* dq_staterow: values that change come back from the rows that were put, also
 * after a compaction at any time, and what is missing is seen. */
#include "run/staterow.h"

#include "base/map.h"
#include "base/random.h"
#include "unit.h"

#include <stdlib.h>

#define VALUES 5
#define LOG 4000

struct entry {
	struct dq_buf key, value;
	bool gone, forgets;
};

struct journal {
	struct entry entries[LOG];
	size_t count, bytes;
};

static struct dq_random dice;
static struct journal journal;

static size_t
below(size_t n)
{
	return (size_t)dq_random_below(&dice, n);
}

static bool
put(void *context, struct dq_slice key, struct dq_slice value,
    struct dq_err *err)
{
	struct entry *entry = &journal.entries[journal.count++];

	(void)context;
	(void)err;
	dq_buf_slice(&entry->key, key);
	dq_buf_slice(&entry->value, value);
	entry->forgets = !value.data;
	journal.bytes += key.len + value.len;
	return true;
}

static void
clear(void)
{
	for (size_t i = 0; i < journal.count; i++) {
		dq_buf_release(&journal.entries[i].key);
		dq_buf_release(&journal.entries[i].value);
	}
	memset(&journal, 0, sizeof(journal));
}

/* Of the entries before `end`, those whose key comes again before it go. */
static void
compact(size_t end)
{
	for (size_t i = 0; i < end; i++)
		for (size_t j = i + 1; j < end; j++)
			if (dq_slice_equal(dq_buf_view(&journal.entries[i].key),
				dq_buf_view(&journal.entries[j].key)))
				journal.entries[i].gone = true;
}

struct restored {
	struct dq_map keys;
	struct dq_staterow rows[64];
	struct dq_staterow_value values[64];
};

static void
restore(struct restored *r)
{
	memset(r, 0, sizeof(*r));
	for (size_t i = 0; i < journal.count; i++) {
		const struct entry *entry = &journal.entries[i];
		struct dq_slice key;
		unsigned number;
		uint32_t at;

		if (entry->gone)
			continue;
		number = dq_staterow_key(dq_buf_view(&entry->key), &key);
		at = dq_map_put(&r->keys, key);
		dq_staterow_take(&r->rows[at], &r->values[at], number,
		    dq_buf_view(&entry->value));
	}
}

static void
drop(struct restored *r)
{
	for (size_t i = 0; i < 64; i++)
		dq_buf_release(&r->values[i].bytes);
	dq_map_release(&r->keys);
}

static const char *const keys[VALUES] = {
    "C1", "@offset", "@1 C1", "@clock 0", "@@x"};

static void
check_restored(const struct dq_buf *values, const struct dq_staterow *rows)
{
	static struct restored r;

	restore(&r);
	for (size_t i = 0; i < VALUES; i++) {
		uint32_t at = dq_map_get(&r.keys, DQ_SLICE(keys[i]));

		if (at == DQ_MAP_NONE) {
			CHECK(!values[i].len);
			continue;
		}
		CHECK(!r.values[at].broken);
		CHECK(dq_slice_equal(
		    dq_buf_view(&values[i]), dq_buf_view(&r.values[at].bytes)));
		CHECK(r.rows[at].written == rows[i].written);
		CHECK_INT(r.rows[at].changes, rows[i].changes);
		CHECK_INT(r.rows[at].spent, rows[i].spent);
		CHECK(r.rows[at].most >= rows[i].changes);
	}
	drop(&r);
}

static void
change(struct dq_buf *value)
{
	if (!below(12) || !value->len) {
		value->len = 0;
		for (size_t n = below(10) ? below(4000) : 0; n; n--)
			dq_buf_byte(value, (char)below(256));
		return;
	}
	for (size_t n = below(8); n; n--)
		value->data[below(value->len)] = (char)below(256);
	for (size_t n = below(10); n; n--)
		dq_buf_byte(value, (char)n);
}

/* Changed in turn, sometimes without saying what it was before, or wrongly;
 * compacted now and then. */
static void
round_trips(void)
{
	struct dq_buf values[VALUES] = {0};
	struct dq_staterow rows[VALUES] = {0};

	clear();
	for (int step = 0; step < 1500; step++) {
		size_t i = below(VALUES);
		struct dq_buf old = {0};
		struct dq_slice before = {NULL, 0}, now = {NULL, 0};

		dq_buf_slice(&old, dq_buf_view(&values[i]));
		change(&values[i]);
		if (old.len && below(10)) {
			before = dq_buf_view(&old);
			if (!below(20))
				old.data[0] ^= 1;
		}
		if (values[i].len)
			now = dq_buf_view(&values[i]);
		CHECK(dq_staterow_save(
		    &rows[i], DQ_SLICE(keys[i]), before, now, put, NULL, NULL));
		dq_buf_release(&old);
		if (!below(40))
			compact(below(journal.count + 1));
		if (step % 5 == 0)
			check_restored(values, rows);
	}
	compact(journal.count);
	check_restored(values, rows);
	for (size_t i = 0; i < VALUES; i++)
		dq_buf_release(&values[i]);
}

/* A value that changes a little costs a little. */
static void
amount(void)
{
	struct dq_staterow row = {0};
	struct dq_buf value = {0}, old = {0};

	clear();
	for (int i = 0; i < 4000; i++)
		dq_buf_byte(&value, (char)below(256));
	for (int i = 0; i < 170; i++) {
		old.len = 0;
		dq_buf_slice(&old, dq_buf_view(&value));
		value.data[below(value.len)] ^= 1;
		dq_staterow_save(&row, DQ_SLICE("C"), dq_buf_view(&old),
		    dq_buf_view(&value), put, NULL, NULL);
	}
	CHECK_INT(journal.count, 170);
	CHECK(journal.bytes < 10 * 4010 + 170 * 40);
	/* as it was: nothing; gone: each of its keys */
	dq_staterow_save(&row, DQ_SLICE("C"), dq_buf_view(&old),
	    dq_buf_view(&value), put, NULL, NULL);
	CHECK_INT(journal.count, 170);
	dq_staterow_save(&row, DQ_SLICE("C"), dq_buf_view(&value),
	    (struct dq_slice){NULL, 0}, put, NULL, NULL);
	CHECK_INT(journal.count, 170 + DQ_STATEROW_CHANGES + 1);
	CHECK(journal.entries[journal.count - 1].forgets);
	dq_buf_release(&old);
	dq_buf_release(&value);
}

/* Without one of its changes, or with one that is damaged, a value is none. */
static void
missing(void)
{
	static struct restored r;
	struct dq_staterow row = {0};
	struct dq_buf value = {0}, old = {0};

	clear();
	for (int i = 0; i < 1000; i++)
		dq_buf_byte(&value, (char)i);
	for (int i = 0; i < 5; i++) {
		old.len = 0;
		dq_buf_slice(&old, dq_buf_view(&value));
		value.data[i * 10] ^= 1;
		dq_staterow_save(&row, DQ_SLICE("C"), dq_buf_view(&old),
		    dq_buf_view(&value), put, NULL, NULL);
	}
	CHECK_INT(journal.count, 5);
	for (size_t i = 0; i < 4; i++) {
		journal.entries[i].gone = true;
		restore(&r);
		CHECK(r.values[0].broken);
		drop(&r);
		journal.entries[i].gone = false;
	}
	for (size_t i = 0; i < journal.entries[3].value.len; i++) {
		journal.entries[3].value.data[i] ^= 1;
		restore(&r);
		CHECK(r.values[0].broken);
		drop(&r);
		journal.entries[3].value.data[i] ^= 1;
	}
	restore(&r);
	CHECK(!r.values[0].broken && r.values[0].bytes.len == 1000);
	drop(&r);
	dq_buf_release(&old);
	dq_buf_release(&value);
}

int
main(void)
{
	dq_random_init(&dice, 11, 0);
	for (int i = 0; i < 10; i++)
		round_trips();
	amount();
	missing();
	clear();
	return unit_done();
}
