#include "base/hash.h"
#include "base/money.h"
#include "base/num.h"
#include "record/json.h"
#include "sim/profile.h"
#include "sim/stream.h"

#define CURRENCY "EUR"
#define DIGITS 2

static const char *const categories[DQ_SIM_CATEGORIES] = {
    [DQ_SIM_GROCERIES] = "groceries",
    [DQ_SIM_TRANSPORT] = "transport",
    [DQ_SIM_DINING] = "dining",
    [DQ_SIM_ENTERTAINMENT] = "entertainment",
    [DQ_SIM_SHOPPING] = "shopping",
    [DQ_SIM_HEALTHCARE] = "healthcare",
    [DQ_SIM_EDUCATION] = "education",
    [DQ_SIM_CASH] = "cash_withdrawal",
    [DQ_SIM_GAMBLING] = "gambling",
    [DQ_SIM_LENDING_APP] = "lending_app",
    [DQ_SIM_CASH_ADVANCE] = "cash_advance",
    [DQ_SIM_RENT] = "rent",
    [DQ_SIM_UTILITIES] = "utilities",
    [DQ_SIM_INSURANCE] = "insurance",
    [DQ_SIM_LOAN] = "loan_emi",
    [DQ_SIM_CARD] = "credit_card",
    [DQ_SIM_TRANSFER] = "transfer",
    [DQ_SIM_SALARY] = "salary",
    [DQ_SIM_INCOME] = "income",
    [DQ_SIM_BENEFIT] = "benefit",
    [DQ_SIM_BONUS_PAY] = "bonus",
    [DQ_SIM_PENALTY] = "penalty",
    [DQ_SIM_OVERDRAFT_FEE] = "overdraft_fee",
    [DQ_SIM_LATE_FEE] = "late_fee",
};

static const char *const channels[] = {
    "pos", "atm", "online", "mobile", "branch"};

static const char *const bill_types[] = {
    "loan_emi", "credit_card", "utility_bill", "insurance", "rent"};

static const char *const statuses[] = {
    "pending", "paid", "partial", "missed", "late"};

struct dq_slice
dq_sim_customer_id(uint32_t customer, char text[16])
{
	char *at = text + 15;
	uint32_t number = customer + 1;

	while (number || at > text + 9) {
		*--at = (char)('0' + number % 10);
		number /= 10;
	}
	*--at = 'C';
	return (struct dq_slice){at, (size_t)(text + 15 - at)};
}

/* `,"key":` and what follows it: key is a literal, known to need no care. */
#define KEY(out, key) dq_buf_add(out, ",\"" key "\":", sizeof(key) + 3)

static void
quoted(struct dq_buf *out, const char *text)
{
	dq_buf_byte(out, '"');
	dq_buf_str(out, text);
	dq_buf_byte(out, '"');
}

/* A letter and 16 hexadecimal digits, different for each number: the mix is a
 * bijection. */
static void
add_id(struct dq_buf *out, char letter, uint64_t seed, uint64_t number)
{
	uint64_t id = dq_hash_mix(number ^ dq_hash_mix(seed));
	char *at = dq_buf_room(out, 19);

	*at++ = '"';
	*at++ = letter;
	for (int shift = 60; shift >= 0; shift -= 4)
		*at++ = "0123456789abcdef"[id >> shift & 15];
	*at = '"';
	out->len += 19;
}

static void
add_head(struct dq_buf *out, const char *kind, const char *time_key,
    const struct dq_sim_event *event)
{
	char text[16];

	dq_buf_str(out, "{\"event_type\":\"");
	dq_buf_str(out, kind);
	dq_buf_str(out, "\",\"");
	dq_buf_str(out, time_key);
	dq_buf_str(out, "\":\"");
	dq_buf_time(out, event->time);
	dq_buf_str(out, "\",\"customer_id\":\"");
	dq_buf_slice(out, dq_sim_customer_id(event->customer, text));
	dq_buf_byte(out, '"');
}

static void
write_transaction(const struct dq_sim *sim, const struct dq_sim_event *event,
    struct dq_buf *out)
{
	add_head(out, "transaction", "txn_time", event);
	KEY(out, "transaction_id");
	add_id(out, 'T', sim->options.seed,
	    (uint64_t)event->customer << 32 | event->number);
	KEY(out, "amount");
	dq_buf_money(out, event->amount, DIGITS);
	KEY(out, "txn_type");
	quoted(out, event->credit ? "credit" : "debit");
	KEY(out, "category");
	quoted(out, categories[event->category]);
	KEY(out, "channel");
	quoted(out, channels[event->channel]);
	if (event->merchant) {
		dq_buf_str(out, ",\"merchant_id\":\"M");
		dq_buf_int(out, event->merchant);
		dq_buf_byte(out, '"');
	}
	dq_buf_str(out, ",\"currency\":\"" CURRENCY "\"");
	if (event->balance_known) {
		KEY(out, "balance_after");
		dq_buf_money(out, event->balance_after, DIGITS);
	}
	dq_buf_str(out,
	    event->failed ? ",\"is_failed\":true}" : ",\"is_failed\":false}");
}

static void
write_payment(const struct dq_sim *sim, const struct dq_sim_event *event,
    struct dq_buf *out)
{
	add_head(out, "payment", "event_time", event);
	KEY(out, "payment_id");
	add_id(out, 'P', sim->options.seed,
	    (uint64_t)event->customer << 32 | UINT64_C(1) << 31 |
		(uint64_t)event->bill << 24 | event->number);
	KEY(out, "payment_type");
	quoted(out, bill_types[event->type]);
	dq_buf_str(out, ",\"due_date\":\"");
	dq_buf_day(out, event->due);
	dq_buf_str(out, "\",\"amount\":");
	dq_buf_money(out, event->amount, DIGITS);
	dq_buf_str(out, ",\"currency\":\"" CURRENCY "\"");
	KEY(out, "status");
	quoted(out, statuses[event->status]);
	if (event->paid_on) {
		dq_buf_str(out, ",\"paid_date\":\"");
		dq_buf_day(out, event->paid_on);
		dq_buf_str(out, "\",\"paid_amount\":");
		dq_buf_money(out, event->paid, DIGITS);
	}
	dq_buf_byte(out, '}');
}

static void
add_money(struct dq_buf *out, const char *key, int64_t amount)
{
	dq_buf_key(out, key);
	dq_buf_money(out, amount, DIGITS);
}

static void
add_consent(struct dq_buf *out, const struct dq_sim_profile *profile)
{
	dq_buf_key(out, "consent");
	dq_buf_byte(out, '{');
	dq_buf_member_flag(out, "phone_call", profile->phone);
	dq_buf_member_flag(out, "sms", profile->sms);
	dq_buf_member_flag(out, "email", profile->email);
	dq_buf_byte(out, '}');
}

static const char *
bracket(int64_t income)
{
	return income < 180000 ? "low" : income < 350000 ? "middle" : "high";
}

/* The balance that a profile opens with is today's, so it must be written
 * before the first day is made. */
static void
write_customer(const struct dq_sim *sim, const struct dq_sim_event *event,
    struct dq_buf *out)
{
	const struct dq_sim_customer *c = &sim->customers[event->customer];
	struct dq_sim_profile p =
	    dq_sim_profile(sim->options.seed, event->customer);

	add_head(out, "customer", "event_time", event);
	if (p.salary_day_known && !c->irregular)
		dq_buf_member_int(out, "salary_day", c->salary_day);
	else
		dq_buf_member_null(out, "salary_day");
	if (p.income_known)
		add_money(out, "monthly_income", c->income);
	dq_buf_member_str(out, "income_bracket", bracket(c->income));
	dq_buf_member_str(out, "account_type", p.account_type);
	dq_buf_member_time(out, "account_opened",
	    (dq_day_of(event->time) - p.account_age) * DQ_DAY);
	add_money(out, "opening_balance", c->balance);
	if (p.minimum_known)
		add_money(out, "minimum_balance", c->income / 10000 * 1000);
	dq_buf_member_str(out, "currency", CURRENCY);
	if (p.time_zone)
		dq_buf_member_str(out, "time_zone", p.time_zone);
	if (p.language)
		dq_buf_member_str(out, "language", p.language);
	if (p.asked)
		add_consent(out, &p);
	dq_buf_member_flag(out, "vulnerable", p.vulnerable);
	dq_buf_byte(out, '}');
}

void
dq_sim_write(const struct dq_sim *sim, const struct dq_sim_event *event,
    struct dq_buf *out)
{
	switch (event->kind) {
	case DQ_KIND_CUSTOMER:
		write_customer(sim, event, out);
		break;
	case DQ_KIND_TRANSACTION:
		write_transaction(sim, event, out);
		break;
	case DQ_KIND_PAYMENT:
		write_payment(sim, event, out);
		break;
	default:
		dq_buf_str(out, "{\"event_type\":\"tick\"");
		dq_buf_member_time(out, "event_time", event->time);
		dq_buf_byte(out, '}');
	}
}
