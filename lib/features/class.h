/* What a category means: its class of spend and its roles. The lists are
 * those of dq-catalogue(7), Records. */
#ifndef DQ_FEATURES_CLASS_H
#define DQ_FEATURES_CLASS_H

#include "base/buf.h"

enum dq_class {
	DQ_CLASS_DINING,
	DQ_CLASS_ENTERTAINMENT,
	DQ_CLASS_SHOPPING,
	DQ_CLASS_GROCERIES,
	DQ_CLASS_UTILITIES,
	DQ_CLASS_RENT,
	DQ_CLASS_INSURANCE,
	DQ_CLASS_HEALTHCARE,
	DQ_CLASS_TRANSPORT,
	DQ_CLASS_EDUCATION,
	DQ_CLASS_LOAN,
	DQ_CLASS_CARD,
	DQ_CLASS_LENDER,
	DQ_CLASS_FEE,
	DQ_CLASS_OTHER,
	DQ_CLASSES,
	DQ_CLASS_TRANSFER = DQ_CLASSES, /* no spend: between own accounts */
	DQ_CLASS_SALARY,		/* as a credit; as a debit: other */
};

/* Compared exactly; DQ_CLASS_OTHER for what is not known or empty. */
enum dq_class dq_class_of(struct dq_slice category);

#endif
