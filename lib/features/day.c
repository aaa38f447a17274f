#include "features/day.h"

#include "base/time.h"

#include <string.h>

/* Packed: length (2 bytes), the day's low 16 bits, a mask of the fields that
 * are there (4), then each as a zigzag varint. A balance is there when it is
 * stated, the largest debit when it is not the only one, others when they
 * are not 0. */

#define HEAD 8

static int64_t
add(int64_t a, int64_t b)
{
	return (int64_t)((uint64_t)a + (uint64_t)b);
}

static uint8_t *
put(uint8_t *at, int64_t value)
{
	uint64_t word = ((uint64_t)value << 1) ^ (uint64_t)(value >> 63);

	for (; word >= 128; word >>= 7)
		*at++ = (uint8_t)(word | 128);
	*at++ = (uint8_t)word;
	return at;
}

static inline const uint8_t *
take(const uint8_t *at, int64_t *value)
{
	uint64_t word = *at & 127;

	for (int shift = 7; *at++ & 128; shift += 7)
		word |= (uint64_t)(*at & 127) << shift;
	*value = (int64_t)(word >> 1) ^ -(int64_t)(word & 1);
	return at;
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
	uint16_t number = (uint16_t)day->day, length;
	uint8_t *at = out + HEAD;

	for (uint32_t left = mask; left; left &= left - 1)
		at = put(at, day->field[__builtin_ctz(left)]);
	length = (uint16_t)(at - out);
	memcpy(out, &length, 2);
	memcpy(out + 2, &number, 2);
	memcpy(out + 4, &mask, 4);
	return length;
}

size_t
dq_day_unpack(const uint8_t *packed, int32_t near, struct dq_day *out)
{
	const uint8_t *at = packed + HEAD;
	uint32_t mask;

	*out = (struct dq_day){.day = dq_day_packed_number(packed, near)};
	memcpy(&mask, packed + 4, 4);
	for (uint32_t left = mask; left; left &= left - 1)
		at = take(at, &out->field[__builtin_ctz(left)]);
	out->stated = mask >> DQ_DAY_BALANCE & 1;
	if (out->field[DQ_DAY_DEBITS] == 1)
		out->field[DQ_DAY_LARGEST] = dq_day_outflow(out);
	return (size_t)(at - packed);
}

bool
dq_day_is_packed(const uint8_t *bytes, size_t count)
{
	uint16_t length;
	uint32_t mask;
	int fields = 0, digits = 0;

	if (count < HEAD)
		return false;
	memcpy(&length, bytes, 2);
	memcpy(&mask, bytes + 4, 4);
	if (length < HEAD || length > count || mask >> DQ_DAY_FIELDS)
		return false;
	for (size_t i = HEAD; i < length; i++) {
		if (++digits > 10)
			return false;
		if (bytes[i] & 128)
			continue;
		fields++;
		digits = 0;
	}
	return !digits && fields == __builtin_popcount(mask);
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
