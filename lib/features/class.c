#include "features/class.h"

static const struct {
	const char *name;
	uint8_t length;
	uint8_t class;
} names[] = {
    {"dining", 6, DQ_CLASS_DINING},
    {"entertainment", 13, DQ_CLASS_ENTERTAINMENT},
    {"shopping", 8, DQ_CLASS_SHOPPING},
    {"groceries", 9, DQ_CLASS_GROCERIES},
    {"utilities", 9, DQ_CLASS_UTILITIES},
    {"rent", 4, DQ_CLASS_RENT},
    {"insurance", 9, DQ_CLASS_INSURANCE},
    {"healthcare", 10, DQ_CLASS_HEALTHCARE},
    {"transport", 9, DQ_CLASS_TRANSPORT},
    {"education", 9, DQ_CLASS_EDUCATION},
    {"loan", 4, DQ_CLASS_LOAN},
    {"loan_emi", 8, DQ_CLASS_LOAN},
    {"credit_card", 11, DQ_CLASS_CARD},
    {"gambling", 8, DQ_CLASS_LENDER},
    {"lending_app", 11, DQ_CLASS_LENDER},
    {"cash_advance", 12, DQ_CLASS_LENDER},
    {"penalty", 7, DQ_CLASS_FEE},
    {"penalty_interest", 16, DQ_CLASS_FEE},
    {"overdraft_fee", 13, DQ_CLASS_FEE},
    {"late_fee", 8, DQ_CLASS_FEE},
    {"transfer", 8, DQ_CLASS_TRANSFER},
    {"salary", 6, DQ_CLASS_SALARY},
    {"payroll", 7, DQ_CLASS_SALARY},
};

enum dq_class
dq_class_of(struct dq_slice category)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (names[i].length == category.len &&
		    !memcmp(names[i].name, category.data, category.len))
			return names[i].class;
	return DQ_CLASS_OTHER;
}
