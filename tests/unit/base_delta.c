/* dq_delta: what is made is what comes out, small where little changed, and
 * bytes that are no delta do no harm. */
#include "base/delta.h"
#include "base/random.h"
#include "unit.h"

#define SIZE 5000
#define ROUNDS 20000

static struct dq_random dice;

static size_t
below(size_t n)
{
	return (size_t)dq_random_below(&dice, n);
}

static void
fill(struct dq_buf *buf, size_t n)
{
	/* Few values, so that words come again by chance. */
	while (n--)
		dq_buf_byte(buf, (char)(below(4) ? below(3) : below(256)));
}

/* Replaces, inserts or removes a run of bytes. */
static void
edit(struct dq_buf *buf)
{
	struct dq_buf made = {0};
	size_t at = below(buf->len + 1), gone = below(40), come = below(40);

	if (gone > buf->len - at)
		gone = buf->len - at;
	if (below(2) && gone)
		come = gone;
	dq_buf_add(&made, buf->data, at);
	fill(&made, come);
	dq_buf_add(&made, buf->data + at + gone, buf->len - at - gone);
	dq_buf_release(buf);
	*buf = made;
}

static void
check_same(struct dq_slice old, struct dq_slice new)
{
	struct dq_buf delta = {0}, got = {0};

	dq_delta_make(old, new, &delta);
	dq_buf_str(&got, "#");
	CHECK(dq_delta_apply(old, dq_buf_view(&delta), new.len, &got));
	CHECK(got.len == new.len + 1 && got.data[0] == '#');
	CHECK(
	    got.len == new.len + 1 && !memcmp(got.data + 1, new.data, new.len));
	if (new.len) {
		got.len = 0;
		CHECK(!dq_delta_apply(
		    old, dq_buf_view(&delta), new.len - 1, &got));
	}
	dq_buf_release(&delta);
	dq_buf_release(&got);
}

static void
edits(void)
{
	for (int round = 0; round < ROUNDS; round++) {
		struct dq_buf old = {0}, new = {0};

		fill(&old, below(round % 10 ? 300 : SIZE));
		dq_buf_slice(&new, dq_buf_view(&old));
		for (size_t n = below(6); n; n--)
			edit(&new);
		dq_buf_room(&old, 1);
		dq_buf_room(&new, 1);
		check_same(dq_buf_view(&old), dq_buf_view(&new));
		dq_buf_release(&old);
		dq_buf_release(&new);
	}
}

static size_t
size_of(struct dq_slice old, struct dq_slice new)
{
	struct dq_buf delta = {0};
	size_t size;

	dq_delta_make(old, new, &delta);
	size = delta.len;
	dq_buf_release(&delta);
	return size;
}

/* What changed is what it costs: bytes in their place, bytes between others,
 * bytes gone from the front. */
static void
sizes(void)
{
	char old[SIZE], new[SIZE + 20];

	for (size_t i = 0; i < SIZE; i++)
		old[i] = (char)below(256);
	memcpy(new, old, SIZE);
	CHECK(size_of((struct dq_slice){old, SIZE},
		  (struct dq_slice){new, SIZE}) <= 4);
	new[100] ^= 1;
	new[3000] ^= 1;
	CHECK(size_of((struct dq_slice){old, SIZE},
		  (struct dq_slice){new, SIZE}) <= 13);
	memcpy(new, old, 2000);
	memset(new + 2000, 7, 20);
	memcpy(new + 2020, old + 2000, SIZE - 2000);
	CHECK(size_of((struct dq_slice){old, SIZE},
		  (struct dq_slice){new, SIZE + 20}) <= 40);
	CHECK(size_of((struct dq_slice){old, SIZE},
		  (struct dq_slice){old + 33, SIZE - 33}) <= 12);
}

/* Whatever these bytes are, nothing beyond them is read (sanitizers watch). */
static void
garbage(void)
{
	for (int round = 0; round < ROUNDS; round++) {
		struct dq_buf old = {0}, new = {0}, delta = {0}, got = {0};

		fill(&old, 200);
		fill(&new, 200);
		dq_delta_make(dq_buf_view(&old), dq_buf_view(&new), &delta);
		for (size_t n = below(5); n; n--)
			delta.data[below(delta.len)] = (char)below(256);
		if (below(2))
			delta.len = below(delta.len + 1);
		dq_delta_apply(
		    dq_buf_view(&old), dq_buf_view(&delta), 1000, &got);
		CHECK(got.len <= 2000);
		dq_buf_release(&old);
		dq_buf_release(&new);
		dq_buf_release(&delta);
		dq_buf_release(&got);
	}
}

int
main(void)
{
	dq_random_init(&dice, 7, 0);
	edits();
	sizes();
	garbage();
	return unit_done();
}
