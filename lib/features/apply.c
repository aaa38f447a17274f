#include "features/apply.h"

#include "base/hash.h"
#include "base/money.h"
#include "features/days.h"
#include "features/merchants.h"
#include "features/payments.h"
#include "features/salary.h"

#define MILLISECOND (DQ_SECOND / 1000)
#define CURRENCIES_MAX 1000 /* there are 180; further ones are foreign */

/* The money fields of the kinds we read. */
static const enum dq_field money_of_customer[] = {
    DQ_MONTHLY_INCOME, DQ_OPENING_BALANCE, DQ_MINIMUM_BALANCE};
static const enum dq_field money_of_transaction[] = {
    DQ_AMOUNT, DQ_BALANCE_AFTER};
static const enum dq_field money_of_payment[] = {DQ_AMOUNT, DQ_PAID_AMOUNT};

static bool
check_money(const struct dq_record *record, const enum dq_field *fields,
    size_t count, struct dq_err *err)
{
	for (size_t i = 0; i < count; i++) {
		int64_t amount = dq_record_number(record, fields[i], 0);

		if (amount > DQ_MONEY_LIMIT || amount < -DQ_MONEY_LIMIT)
			return dq_err_set(err,
			    "\"%s\" is beyond 10^16 minor units",
			    dq_field_info(fields[i])->name);
	}
	return true;
}

static bool
check_profile(const struct dq_record *record, struct dq_err *err)
{
	int64_t day = dq_record_number(record, DQ_SALARY_DAY, 1);

	if (day < 1 || day > 31)
		return dq_err_set(err, "\"salary_day\" is not 1 to 31");
	return check_money(record, money_of_customer, 3, err);
}

bool
dq_apply_check(const struct dq_record *record, struct dq_err *err)
{
	if (record->kind == DQ_KIND_CUSTOMER)
		return check_profile(record, err);
	if (record->time == DQ_TIME_NONE)
		return dq_err_set(err, "%s without \"event_time\"",
		    dq_kind_info(record->kind)->name);
	if (record->kind == DQ_KIND_PAYMENT)
		return check_money(record, money_of_payment, 2, err);
	return check_money(record, money_of_transaction, 2, err);
}

static uint64_t
text_hash(const struct dq_record *record, enum dq_field field)
{
	return dq_hash(dq_record_text(record, field), 0);
}

bool
dq_apply_accepts(struct dq_features *f, const struct dq_customer *c,
    const struct dq_record *record, int32_t day)
{
	f->has_id = f->dedup && record->kind == DQ_KIND_TRANSACTION &&
		    dq_record_has(record, DQ_TRANSACTION_ID);
	if (f->has_id)
		f->id = text_hash(record, DQ_TRANSACTION_ID);
	if (f->has_id && dq_seen_has(c, f->id)) {
		f->counts.duplicates++;
		return false;
	}
	if (c->newest != DQ_NO_DAY && day < c->newest - DQ_LATE_DAYS) {
		f->counts.late++;
		return false;
	}
	return true;
}

/* The profile's money follows the account's digits, fixed with the first
 * accepted record. */
static void
set_digits(struct dq_customer *c, int digits)
{
	c->monthly_income =
	    dq_money_rescale(c->monthly_income, c->digits, digits);
	c->minimum_balance =
	    dq_money_rescale(c->minimum_balance, c->digits, digits);
	c->base_level = dq_money_rescale(c->base_level, c->digits, digits);
	dq_days_level(c);
	c->digits = (uint8_t)digits;
}

/* Takes note of a stated currency; false when it is not the account's. */
static bool
see_currency(struct dq_features *f, struct dq_customer *c,
    const struct dq_record *record)
{
	struct dq_slice text = dq_record_text(record, DQ_CURRENCY);
	uint32_t number;

	if (!text.len ||
	    (c->currency && dq_slice_equal(text,
				dq_map_key(&f->currencies, c->currency - 1u))))
		return true;
	number = dq_map_get(&f->currencies, text);
	if (number == DQ_MAP_NONE) {
		if (f->currencies.count >= CURRENCIES_MAX)
			return false;
		number = dq_map_put(&f->currencies, text);
	}
	number++;
	if (!c->currency &&
	    (c->newest == DQ_NO_DAY || record->money_digits == c->digits)) {
		c->currency = (uint16_t)number;
		set_digits(c, record->money_digits);
	}
	return c->currency == number;
}

static int64_t
money(const struct dq_customer *c, const struct dq_record *record,
    enum dq_field field)
{
	return dq_money_rescale(dq_record_number(record, field, 0),
	    record->money_digits, c->digits);
}

static void
move_to(struct dq_customer **c, int64_t time, int32_t day)
{
	if ((*c)->newest == DQ_NO_DAY || day > (*c)->newest) {
		dq_days_advance(c, day);
		(*c)->day_open = true;
		(*c)->newest_time = time;
	} else if (day == (*c)->newest && time > (*c)->newest_time) {
		(*c)->newest_time = time;
	}
	if (day < (*c)->first)
		(*c)->first = day;
}

/* What a transaction is, read once. */
struct transaction {
	int32_t day;
	bool debit, failed, foreign, atm;
	enum dq_class class;
	int64_t amount;
};

static struct transaction
read_transaction(struct dq_features *f, struct dq_customer *c,
    const struct dq_record *record, int32_t day)
{
	struct transaction t = {
	    .day = day,
	    .debit = dq_slice_is(dq_record_text(record, DQ_TXN_TYPE), "debit"),
	    .failed = dq_record_flag(record, DQ_IS_FAILED, false),
	    .foreign = !see_currency(f, c, record),
	    .atm = dq_slice_is(dq_record_text(record, DQ_CHANNEL), "atm"),
	    .class = dq_class_of(dq_record_text(record, DQ_CATEGORY)),
	};

	t.amount = money(c, record, DQ_AMOUNT);
	return t;
}

static void
fill_debit(struct dq_day *day, const struct transaction *t)
{
	enum dq_class class = t->class;

	day->field[DQ_DAY_DEBITS] = 1;
	day->field[DQ_DAY_LARGEST] = t->amount;
	if (class == DQ_CLASS_TRANSFER) {
		day->field[DQ_DAY_TRANSFER] = t->amount;
		return;
	}
	if (class == DQ_CLASS_SALARY)
		class = DQ_CLASS_OTHER;
	day->field[DQ_DAY_CLASS + class] = t->amount;
	day->field[DQ_DAY_FEES] = class == DQ_CLASS_FEE;
	day->field[DQ_DAY_BILLS] = class == DQ_CLASS_UTILITIES ||
				   class == DQ_CLASS_RENT ||
				   class == DQ_CLASS_INSURANCE;
	day->field[DQ_DAY_ATMS] = t->atm;
	day->field[DQ_DAY_ATM] = t->atm ? t->amount : 0;
}

static void
fill_balance(struct dq_day *day, const struct dq_customer *c,
    const struct dq_record *record)
{
	int64_t clock =
	    record->time / MILLISECOND - (record->time % MILLISECOND < 0);

	day->stated = true;
	day->field[DQ_DAY_BALANCE] = money(c, record, DQ_BALANCE_AFTER);
	day->field[DQ_DAY_CLOCK] = clock - day->day * (DQ_DAY / MILLISECOND);
}

static void
add_merchant(struct dq_features *f, struct dq_customer **c,
    const struct dq_record *record, int32_t day)
{
	struct dq_slice merchant = dq_record_text(record, DQ_MERCHANT_ID);

	if (merchant.len && !dq_merchants_add(c, dq_hash(merchant, 0), day))
		f->counts.merchants++;
}

static const char *
transaction_trigger(const struct dq_features *f, const struct dq_customer *c,
    const struct transaction *t)
{
	__int128 milli = dq_money_rescale(1, c->digits, 3);

	if (t->failed)
		return "failed";
	if (!t->foreign && milli * t->amount > f->large)
		return "large_amount";
	if (t->debit && t->atm)
		return "atm";
	if (t->debit &&
	    (t->class == DQ_CLASS_UTILITIES || t->class == DQ_CLASS_RENT ||
		t->class == DQ_CLASS_INSURANCE))
		return "essential_payment";
	return c->every ? NULL : "every_10th";
}

static void
add_credit(struct dq_customer **c, const struct transaction *t)
{
	if (t->day > (*c)->credit)
		(*c)->credit = t->day;
	if (t->class == DQ_CLASS_SALARY)
		dq_salary_add(c, t->day, t->amount);
}

const char *
dq_apply_transaction(struct dq_features *f, struct dq_customer **c,
    const struct dq_record *record, int32_t day)
{
	struct dq_day sums = {.day = day};
	struct transaction t = read_transaction(f, *c, record, day);

	move_to(c, record->time, day);
	if (f->has_id)
		dq_seen_add(c, f->id, f->dedup);
	sums.field[DQ_DAY_TRANSACTIONS] = 1;
	sums.field[DQ_DAY_FAILED] = t.failed && t.debit;
	if (!t.foreign && dq_record_has(record, DQ_BALANCE_AFTER))
		fill_balance(&sums, *c, record);
	if (!t.foreign && !t.failed) {
		if (t.debit) {
			fill_debit(&sums, &t);
			add_merchant(f, c, record, day);
		} else {
			sums.field[DQ_DAY_INFLOW] = t.amount;
			add_credit(c, &t);
		}
	}
	dq_days_add(c, &sums);
	if (day > (*c)->active)
		(*c)->active = day;
	(*c)->every = (uint8_t)(((*c)->every + 1) % 10);
	return transaction_trigger(f, *c, &t);
}

static enum dq_payment_status
status_of(struct dq_slice text)
{
	static const char *const names[] = {
	    "pending", "late", "missed", "partial", "paid"};

	for (int i = 1; i < 5; i++)
		if (dq_slice_is(text, names[i]))
			return (enum dq_payment_status)i;
	return DQ_PAYMENT_PENDING;
}

static struct dq_payment
read_payment(
    const struct dq_customer *c, const struct dq_record *record, int32_t day)
{
	struct dq_payment p = {
	    .id = text_hash(record, DQ_PAYMENT_ID),
	    .clock =
		record->time / MILLISECOND - (record->time % MILLISECOND < 0),
	    .amount = money(c, record, DQ_AMOUNT),
	    .paid_amount = INT64_MIN,
	    .due = (int32_t)dq_day_of(record->cells[DQ_DUE_DATE].number),
	    .paid_day = DQ_NO_DAY,
	    .day = day,
	    .status = (uint8_t)status_of(dq_record_text(record, DQ_STATUS)),
	    .utility = dq_slice_is(
		dq_record_text(record, DQ_PAYMENT_TYPE), "utility_bill"),
	};

	if (dq_record_has(record, DQ_PAID_AMOUNT))
		p.paid_amount = money(c, record, DQ_PAID_AMOUNT);
	if (dq_record_has(record, DQ_PAID_DATE))
		p.paid_day =
		    (int32_t)dq_day_of(record->cells[DQ_PAID_DATE].number);
	return p;
}

const char *
dq_apply_payment(struct dq_features *f, struct dq_customer **c,
    const struct dq_record *record, int32_t day)
{
	struct dq_payment said = read_payment(*c, record, day);
	bool evicted = false;
	enum dq_statement what;

	move_to(c, record->time, day);
	what = dq_payments_add(c, &said, &evicted);
	f->counts.payments += evicted;
	if (what != DQ_STATEMENT_NEW)
		return NULL;
	switch ((enum dq_payment_status)said.status) {
	case DQ_PAYMENT_LATE:
		return "payment_late";
	case DQ_PAYMENT_PARTIAL:
		return "payment_partial";
	case DQ_PAYMENT_MISSED:
		return "payment_missed";
	case DQ_PAYMENT_PENDING:
	case DQ_PAYMENT_PAID:
		break;
	}
	return NULL;
}

void
dq_apply_profile(struct dq_features *f, struct dq_customer *c,
    const struct dq_record *record)
{
	bool own = see_currency(f, c, record);
	bool early =
	    c->newest == DQ_NO_DAY || c->newest - c->first < DQ_KEPT_DAYS;

	c->salary_day = (uint8_t)dq_record_number(record, DQ_SALARY_DAY, 0);
	c->has_income = own && dq_record_has(record, DQ_MONTHLY_INCOME);
	c->monthly_income =
	    c->has_income ? money(c, record, DQ_MONTHLY_INCOME) : 0;
	c->has_minimum = own && dq_record_has(record, DQ_MINIMUM_BALANCE);
	c->minimum_balance =
	    c->has_minimum ? money(c, record, DQ_MINIMUM_BALANCE) : 0;
	if (!own || c->opening || !early ||
	    !dq_record_has(record, DQ_OPENING_BALANCE))
		return;
	c->opening = c->base_known = true;
	c->base_level = money(c, record, DQ_OPENING_BALANCE);
	dq_days_level(c);
}

/* Told once for each expected pay day. */
static bool
tell_salary(struct dq_customer *c, int32_t T)
{
	struct dq_salary_view view = dq_salary_view(c, T);

	if (view.expected == DQ_NO_DAY || T - view.expected < 3 ||
	    view.expected == c->told_salary ||
	    dq_salary_between(&view, view.expected - 10, T) != DQ_NO_DAY)
		return false;
	c->told_salary = view.expected;
	return true;
}

static bool
tell_silent(struct dq_customer *c, int32_t T)
{
	if (c->active == DQ_NO_DAY || c->active > T - 7 ||
	    c->active == c->told_silent)
		return false;
	c->told_silent = c->active;
	return true;
}

const char *
dq_apply_tick(struct dq_customer *c, int32_t T)
{
	bool salary = tell_salary(c, T);
	bool bill = dq_payments_tell_overdue(c, T);
	bool silent = tell_silent(c, T);

	if (salary)
		return "salary_overdue";
	if (bill)
		return "bill_overdue";
	return silent ? "silent_7d" : NULL;
}
