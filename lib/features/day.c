#include "features/day.h"

#include "base/time.h"

#include <string.h>

/* Packed: length (2 bytes), the day's low 16 bits, a word with a bit for each
 * field that is there and above these the bytes of their widths (4), a width
 * of two bits for each (1, 2, 4 or 8 bytes), then their zigzag values. A
 * balance is there when it is stated, the largest debit when it is not the only
 * one, others when they are not 0. Widths stand apart from values so that
 * unpacking has no branch that depends on them. */

#define HEAD 8
#define FIELDS_MASK ((1u << DQ_DAY_FIELDS) - 1)

_Static_assert((DQ_DAY_FIELDS + 3) / 4 >> (32 - DQ_DAY_FIELDS) == 0,
    "the bytes of all widths have room above the bits of the fields");

static int64_t
add(int64_t a, int64_t b)
{
	return (int64_t)((uint64_t)a + (uint64_t)b);
}

static uint64_t
zigzag(int64_t value)
{
	return ((uint64_t)value << 1) ^ (uint64_t)(value >> 63);
}

/* Of a value: 1 << width bytes hold it. */
static unsigned
width_of(uint64_t word)
{
	return (word > UINT8_MAX) + (word > UINT16_MAX) + (word > UINT32_MAX);
}

static uint32_t
fields_of(uint32_t mask)
{
	return (uint32_t)__builtin_popcount(mask & FIELDS_MASK);
}

static uint32_t
fields_present(const struct dq_day *day)
{
	uint32_t mask = 0;

	for (int i = 0; i < DQ_DAY_FIELDS; i++)
		mask |= (uint32_t)(day->field[i] != 0) << i;
	if (day->field[DQ_DAY_DEBITS] == 1)
		mask &= ~(1u << DQ_DAY_LARGEST);
	mask &= ~(1u << DQ_DAY_BALANCE);
	return mask | (uint32_t)day->stated << DQ_DAY_BALANCE;
}

size_t
dq_day_pack(const struct dq_day *day, uint8_t *out)
{
	uint32_t mask = fields_present(day);
	uint32_t size = (fields_of(mask) + 3) / 4;
	uint32_t present = mask | size << DQ_DAY_FIELDS;
	uint16_t number = (uint16_t)day->day, length;
	uint64_t widths = 0;
	uint8_t *at = out + HEAD + size;
	int shift = 0;

	for (uint32_t left = mask; left; left &= left - 1, shift += 2) {
		uint64_t word = zigzag(day->field[__builtin_ctz(left)]);
		unsigned width = width_of(word);

		widths |= (uint64_t)width << shift;
		memcpy(at, &word, sizeof(word));
		at += 1u << width;
	}
	memcpy(out + HEAD, &widths, size);
	length = (uint16_t)(at - out);
	memcpy(out, &length, 2);
	memcpy(out + 2, &number, 2);
	memcpy(out + 4, &present, 4);
	return length;
}

static void
clear(struct dq_day *day)
{
	size_t size = sizeof(*day);

	/* A size it can see makes gcc use a slow instruction instead. */
	__asm__("" : "+r"(size));
	memset(day, 0, size);
}

size_t
dq_day_unpack(const uint8_t *packed, int32_t near, struct dq_day *out)
{
	static const uint64_t low[] = {
	    UINT8_MAX, UINT16_MAX, UINT32_MAX, UINT64_MAX};
	const uint8_t *at;
	uint64_t widths;
	uint32_t present;

	clear(out);
	out->day = dq_day_packed_number(packed, near);
	memcpy(&present, packed + 4, 4);
	memcpy(&widths, packed + HEAD, sizeof(widths));
	at = packed + HEAD + (present >> DQ_DAY_FIELDS);
	for (uint32_t left = present & FIELDS_MASK; left; left &= left - 1) {
		uint64_t word;

		memcpy(&word, at, sizeof(word));
		word &= low[widths & 3];
		out->field[__builtin_ctz(left)] =
		    (int64_t)(word >> 1) ^ -(int64_t)(word & 1);
		at += 1u << (widths & 3);
		widths >>= 2;
	}
	out->stated = present >> DQ_DAY_BALANCE & 1;
	if (out->field[DQ_DAY_DEBITS] == 1)
		out->field[DQ_DAY_LARGEST] = dq_day_outflow(out);
	return (size_t)(at - packed);
}

bool
dq_day_is_packed(const uint8_t *bytes, size_t count)
{
	uint64_t widths = 0;
	uint32_t present, size;
	uint16_t length;

	if (count < HEAD)
		return false;
	memcpy(&length, bytes, 2);
	memcpy(&present, bytes + 4, 4);
	size = present >> DQ_DAY_FIELDS;
	if (length > count || HEAD + size > length ||
	    size != (fields_of(present) + 3) / 4)
		return false;
	memcpy(&widths, bytes + HEAD, size);
	size += HEAD;
	for (uint32_t i = fields_of(present); i > 0; i--, widths >>= 2)
		size += 1u << (widths & 3);
	return size == length && !widths;
}

static void
merge_balance(struct dq_day *day, const struct dq_day *more)
{
	int64_t *field = day->field;
	int64_t balance = more->field[DQ_DAY_BALANCE];
	int64_t clock = more->field[DQ_DAY_CLOCK];
	int64_t low = balance;

	if (day->stated) {
		int64_t before = field[DQ_DAY_BALANCE];

		low = before - field[DQ_DAY_DIP];
		if (balance < low)
			low = balance;
		if (clock < field[DQ_DAY_CLOCK] ||
		    (clock == field[DQ_DAY_CLOCK] && balance > before)) {
			clock = field[DQ_DAY_CLOCK];
			balance = before;
		}
	}
	day->stated = true;
	field[DQ_DAY_BALANCE] = balance;
	field[DQ_DAY_DIP] = balance - low;
	field[DQ_DAY_CLOCK] = clock;
}

void
dq_day_merge(struct dq_day *day, const struct dq_day *more)
{
	int64_t largest = more->field[DQ_DAY_LARGEST];

	if (more->field[DQ_DAY_DEBITS] &&
	    (!day->field[DQ_DAY_DEBITS] ||
		largest > day->field[DQ_DAY_LARGEST]))
		day->field[DQ_DAY_LARGEST] = largest;
	for (int i = 0; i < DQ_DAY_SUMS; i++)
		day->field[i] = add(day->field[i], more->field[i]);
	if (more->stated)
		merge_balance(day, more);
}

int64_t
dq_day_spend(const struct dq_day *day)
{
	int64_t sum = 0;

	for (int i = 0; i < DQ_CLASSES; i++)
		sum = add(sum, day->field[DQ_DAY_CLASS + i]);
	return sum;
}

static int64_t
classes(const struct dq_day *day, enum dq_class first, enum dq_class last)
{
	int64_t sum = 0;

	for (int i = first; i <= (int)last; i++)
		sum = add(sum, day->field[DQ_DAY_CLASS + i]);
	return sum;
}

void
dq_sums_of_day(struct dq_sums *sums, const struct dq_day *day)
{
	int64_t discretionary =
	    classes(day, DQ_CLASS_DINING, DQ_CLASS_SHOPPING);
	int64_t essential =
	    classes(day, DQ_CLASS_GROCERIES, DQ_CLASS_EDUCATION);
	int64_t rest = classes(day, DQ_CLASS_LOAN, DQ_CLASS_OTHER);
	int64_t spend = add(add(discretionary, essential), rest);
	int64_t rent = dq_day_class(day, DQ_CLASS_RENT);

	sums->sum[DQ_SUM_INFLOW] = day->field[DQ_DAY_INFLOW];
	sums->sum[DQ_SUM_OUTFLOW] = add(spend, day->field[DQ_DAY_TRANSFER]);
	sums->sum[DQ_SUM_SPEND] = spend;
	sums->sum[DQ_SUM_DISCRETIONARY] = discretionary;
	sums->sum[DQ_SUM_ESSENTIAL] = essential;
	sums->sum[DQ_SUM_ATM] = day->field[DQ_DAY_ATM];
	sums->sum[DQ_SUM_WEEKEND] = dq_weekday(day->day) >= 5 ? spend : 0;
	sums->sum[DQ_SUM_LENDER] = dq_day_class(day, DQ_CLASS_LENDER);
	sums->sum[DQ_SUM_HOUSEHOLD] =
	    add(rent, dq_day_class(day, DQ_CLASS_UTILITIES));
	sums->sum[DQ_SUM_INSTALMENT] =
	    add(add(rent, dq_day_class(day, DQ_CLASS_INSURANCE)),
		classes(day, DQ_CLASS_LOAN, DQ_CLASS_CARD));
	sums->count[DQ_COUNT_ACTIVE] = 1;
	sums->count[DQ_COUNT_TRANSACTIONS] =
	    (int32_t)day->field[DQ_DAY_TRANSACTIONS];
	sums->count[DQ_COUNT_FAILED] = (int32_t)day->field[DQ_DAY_FAILED];
	sums->count[DQ_COUNT_DEBITS] = (int32_t)day->field[DQ_DAY_DEBITS];
	sums->count[DQ_COUNT_ATMS] = (int32_t)day->field[DQ_DAY_ATMS];
	sums->count[DQ_COUNT_BILLS] = (int32_t)day->field[DQ_DAY_BILLS];
	sums->count[DQ_COUNT_FEES] = (int32_t)day->field[DQ_DAY_FEES];
	sums->count[DQ_COUNT_SPARE_] = 0;
}
