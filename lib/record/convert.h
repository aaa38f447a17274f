/* One value of a record, checked and converted as its field's type says. */
#ifndef DQ_RECORD_CONVERT_H
#define DQ_RECORD_CONVERT_H

#include "record/record.h"

/* The field must be there. Times, money and whole numbers become the cell's
 * number, money with the record's digits. False: the value does not fit. */
bool dq_convert(struct dq_record *record, enum dq_field field);

/* Sets err to what the field should have been; returns false. */
bool dq_convert_refuse(enum dq_field field, struct dq_err *err);

#endif
