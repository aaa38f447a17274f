#include "record/convert.h"

#include "base/money.h"
#include "base/time.h"

static bool
chosen(struct dq_slice text, const char *choices)
{
	for (const char *at = choices;; at++) {
		size_t n = 0;

		while (n < text.len && at[n] && at[n] != '|' &&
		       at[n] == text.data[n])
			n++;
		if (n == text.len && (at[n] == '|' || !at[n]))
			return true;
		at += n;
		while (*at && *at != '|')
			at++;
		if (!*at)
			return false;
	}
}

bool
dq_convert(struct dq_record *record, enum dq_field field)
{
	const struct dq_field_info *info = dq_field_info(field);
	struct dq_cell *cell = &record->cells[field];
	struct yyjson_val *value = cell->value;
	double real;

	switch (info->type) {
	case DQ_TYPE_TEXT:
		return yyjson_is_str(value) &&
		       (!info->choices ||
			   chosen(dq_json_text(value), info->choices));
	case DQ_TYPE_TIME:
		return yyjson_is_str(value) &&
		       dq_time_parse(dq_json_text(value), &cell->number);
	case DQ_TYPE_MONEY:
		return dq_money_parse(
		    dq_json_text(value), record->money_digits, &cell->number);
	case DQ_TYPE_AMOUNT:
		return dq_money_parse(dq_json_text(value), record->money_digits,
			   &cell->number) &&
		       cell->number >= 0;
	case DQ_TYPE_INT:
		return dq_json_int(value, &cell->number);
	case DQ_TYPE_REAL:
		return dq_json_real(value, &real);
	case DQ_TYPE_FLAG:
		return yyjson_is_bool(value);
	case DQ_TYPE_OBJECT:
		return yyjson_is_obj(value);
	case DQ_TYPE_ARRAY:
		return yyjson_is_arr(value);
	case DQ_TYPE_ANY:
		break;
	}
	return true;
}

static const char *
type_wanted(const struct dq_field_info *info)
{
	switch (info->type) {
	case DQ_TYPE_TEXT:
		return info->choices ? info->choices : "a string";
	case DQ_TYPE_TIME:
		return "a time such as 2026-01-05T10:11:12Z";
	case DQ_TYPE_MONEY:
		return "an amount with no more decimals than its currency";
	case DQ_TYPE_AMOUNT:
		return "an amount of 0 or more with no more decimals than "
		       "its currency";
	case DQ_TYPE_INT:
		return "a whole number";
	case DQ_TYPE_REAL:
		return "a number";
	case DQ_TYPE_FLAG:
		return "true or false";
	case DQ_TYPE_OBJECT:
		return "an object";
	case DQ_TYPE_ARRAY:
		return "an array";
	case DQ_TYPE_ANY:
		break;
	}
	return "a value";
}

bool
dq_convert_refuse(enum dq_field field, struct dq_err *err)
{
	const struct dq_field_info *info = dq_field_info(field);

	return dq_err_set(
	    err, "\"%s\" is not %s", info->name, type_wanted(info));
}
