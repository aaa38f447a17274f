#include "features/class.h"

static const struct {
	const char *name;
	enum dq_class class;
} names[] = {
    {"dining", DQ_CLASS_DINING},
    {"entertainment", DQ_CLASS_ENTERTAINMENT},
    {"shopping", DQ_CLASS_SHOPPING},
    {"groceries", DQ_CLASS_GROCERIES},
    {"utilities", DQ_CLASS_UTILITIES},
    {"rent", DQ_CLASS_RENT},
    {"insurance", DQ_CLASS_INSURANCE},
    {"healthcare", DQ_CLASS_HEALTHCARE},
    {"transport", DQ_CLASS_TRANSPORT},
    {"education", DQ_CLASS_EDUCATION},
    {"loan", DQ_CLASS_LOAN},
    {"loan_emi", DQ_CLASS_LOAN},
    {"credit_card", DQ_CLASS_CARD},
    {"gambling", DQ_CLASS_LENDER},
    {"lending_app", DQ_CLASS_LENDER},
    {"cash_advance", DQ_CLASS_LENDER},
    {"penalty", DQ_CLASS_FEE},
    {"penalty_interest", DQ_CLASS_FEE},
    {"overdraft_fee", DQ_CLASS_FEE},
    {"late_fee", DQ_CLASS_FEE},
    {"transfer", DQ_CLASS_TRANSFER},
    {"salary", DQ_CLASS_SALARY},
    {"payroll", DQ_CLASS_SALARY},
};

enum dq_class
dq_class_of(struct dq_slice category)
{
	if (!category.len)
		return DQ_CLASS_OTHER;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (names[i].name[0] == category.data[0] &&
		    dq_slice_is(category, names[i].name))
			return names[i].class;
	return DQ_CLASS_OTHER;
}
