#include "base/delta.h"

#include <stdint.h>

#define WORD 8	/* bytes that must be the same to be worth a step */
#define NEAR 24 /* new bytes after which old ones may go on in their place */
#define SLOTS 2048
#define REACH UINT16_MAX /* old bytes that can be found again */
#define STRIDE 16	 /* every so many bytes old ones can be found again */

/* Where the words of the old bytes stand: 1 more than the last such place. */
struct index {
	bool made;
	uint16_t place[SLOTS];
};

struct making {
	struct dq_slice old, new;
	size_t done;	 /* new bytes that the steps make */
	size_t expected; /* old byte that the next step goes on with */
	struct dq_buf *out;
	struct index *index;
};

static uint64_t
word_of(const char *at)
{
	uint64_t word;

	memcpy(&word, at, WORD);
	return word;
}

static uint64_t
word_at(struct dq_slice bytes, size_t at)
{
	return word_of(bytes.data + at);
}

static void
put_number(struct dq_buf *out, uint64_t number)
{
	for (; number > 127; number >>= 7)
		dq_buf_byte(out, (char)(number | 128));
	dq_buf_byte(out, (char)number);
}

/* How many bytes are the same from there on. */
static size_t
common(const struct making *m, size_t i, size_t j)
{
	size_t n = m->old.len - i, left = m->new.len - j, same = 0;

	if (left < n)
		n = left;
	while (same + WORD <= n) {
		uint64_t differ =
		    word_at(m->old, i + same) ^ word_at(m->new, j + same);

		/* little-endian machines only */
		if (differ)
			return same + (size_t)__builtin_ctzll(differ) / 8;
		same += WORD;
	}
	while (same < n && m->old.data[i + same] == m->new.data[j + same])
		same++;
	return same;
}

/* New bytes up to j, then `count` old ones from i. */
static void
put_step(struct making *m, size_t i, size_t j, size_t count)
{
	size_t fresh = j - m->done;
	int64_t move = (int64_t)i - (int64_t)(m->expected + fresh);

	put_number(m->out, fresh);
	dq_buf_add(m->out, m->new.data + m->done, fresh);
	m->done = j + count;
	if (!count)
		return;
	put_number(m->out, (uint64_t)count << 1 | (move != 0));
	if (move)
		put_number(
		    m->out, (uint64_t)move << 1 ^ (uint64_t)(move >> 63));
	m->expected = i + count;
}

static size_t
slot_of(uint64_t word)
{
	return (size_t)((word * UINT64_C(0x9e3779b97f4a7c15)) >> 53);
}

_Static_assert(SLOTS == 1 << (64 - 53), "a slot's number has eleven bits");

/* Zeros stand everywhere: they tell no place. */
static void
make_index(struct making *m)
{
	size_t end = m->old.len < REACH ? m->old.len : REACH;

	memset(m->index->place, 0, sizeof(m->index->place));
	for (size_t i = 0; i + WORD <= end; i += STRIDE) {
		uint64_t word = word_at(m->old, i);

		if (word)
			m->index->place[slot_of(word)] = (uint16_t)(i + 1);
	}
	m->index->made = true;
}

/* Changed in their place: after a few new bytes old ones go on. */
static bool
find_near(const struct making *m, size_t *i, size_t *j)
{
	const char *old = m->old.data + *i, *new = m->new.data + *j;
	size_t left = m->old.len - *i, most = NEAR;

	if (m->new.len - *j < left)
		left = m->new.len - *j;
	if (left < most + WORD)
		most = left < WORD ? 0 : left - WORD;
	for (size_t k = 1; k <= most; k++) {
		if (word_of(old + k) != word_of(new + k))
			continue;
		*i += k;
		*j += k;
		return true;
	}
	return false;
}

/* Moved: the next new bytes that stand anywhere among the old ones. */
static bool
find_far(struct making *m, size_t *i, size_t *j)
{
	size_t end = m->new.len < WORD ? 0 : m->new.len - WORD + 1;

	if (!m->index->made)
		make_index(m);
	for (size_t at = *j; at < end; at++) {
		uint64_t word = word_at(m->new, at);
		size_t place = m->index->place[slot_of(word)];

		if (!place || word_at(m->old, place - 1) != word)
			continue;
		*i = place - 1;
		*j = at;
		return true;
	}
	return false;
}

/* A place that was found may begin earlier, since the last step. */
static void
reach_back(const struct making *m, size_t *i, size_t *j)
{
	while (
	    *i && *j > m->done && m->old.data[*i - 1] == m->new.data[*j - 1]) {
		--*i;
		--*j;
	}
}

void
dq_delta_make(struct dq_slice old, struct dq_slice new, struct dq_buf *out)
{
	struct index index; /* made when it is needed */
	struct making m = {.old = old, .new = new, .out = out, .index = &index};
	size_t i = 0, j = 0;

	index.made = false;
	for (;;) {
		size_t count = common(&m, i, j);

		if (count)
			put_step(&m, i, j, count);
		i += count;
		j += count;
		if (j == new.len)
			return;
		if (find_near(&m, &i, &j))
			continue;
		if (!find_far(&m, &i, &j))
			break;
		reach_back(&m, &i, &j);
	}
	put_step(&m, 0, new.len, 0);
}

static bool
take_number(struct dq_slice *from, uint64_t *number)
{
	*number = 0;
	for (unsigned shift = 0; from->len && shift < 63; shift += 7) {
		uint8_t byte = (uint8_t)*from->data;

		from->data++;
		from->len--;
		*number |= (uint64_t)(byte & 127) << shift;
		if (byte < 128)
			return true;
	}
	return false;
}

bool
dq_delta_apply(struct dq_slice old, struct dq_slice delta, size_t limit,
    struct dq_buf *out)
{
	size_t begin = out->len;
	uint64_t at = 0, fresh, count, move;

	while (delta.len) {
		if (!take_number(&delta, &fresh) || fresh > delta.len)
			return false;
		dq_buf_add(out, delta.data, fresh);
		delta.data += fresh;
		delta.len -= fresh;
		if (!delta.len)
			break;
		if (!take_number(&delta, &count) ||
		    ((count & 1) && !take_number(&delta, &move)))
			return false;
		at += fresh;
		if (count & 1)
			at += move >> 1 ^ -(move & 1);
		count >>= 1;
		if (at > old.len || count > old.len - at ||
		    count + (out->len - begin) > limit)
			return false;
		dq_buf_add(out, old.data + at, count);
		at += count;
	}
	return out->len - begin <= limit;
}
