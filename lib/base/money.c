#include "base/money.h"

#include "base/num.h"

static bool
listed(struct dq_slice code, const char *list)
{
	for (; *list; list += 4)
		if (!memcmp(code.data, list, 3))
			return true;
	return false;
}

int
dq_money_digits(struct dq_slice currency)
{
	if (currency.len != 3)
		return 2;
	if (listed(currency, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI "
			     "VND VUV XAF XOF XPF "))
		return 0;
	if (listed(currency, "BHD IQD JOD KWD LYD OMR TND "))
		return 3;
	return 2;
}

bool
dq_money_parse(struct dq_slice text, int digits, int64_t *out)
{
	return dq_num_scaled(text, digits, out);
}

void
dq_buf_money(struct dq_buf *buf, int64_t amount, int digits)
{
	dq_buf_scaled(buf, amount, digits);
}
