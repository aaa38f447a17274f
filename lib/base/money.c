#include "base/money.h"

#include "base/num.h"

#define CODE(a, b, c) ((a) << 16 | (b) << 8 | (c))

int
dq_money_digits(struct dq_slice currency)
{
	const unsigned char *code = (const unsigned char *)currency.data;

	if (currency.len != 3)
		return 2;
	switch (CODE(code[0], code[1], code[2])) {
	case CODE('B', 'I', 'F'):
	case CODE('C', 'L', 'P'):
	case CODE('D', 'J', 'F'):
	case CODE('G', 'N', 'F'):
	case CODE('I', 'S', 'K'):
	case CODE('J', 'P', 'Y'):
	case CODE('K', 'M', 'F'):
	case CODE('K', 'R', 'W'):
	case CODE('P', 'Y', 'G'):
	case CODE('R', 'W', 'F'):
	case CODE('U', 'G', 'X'):
	case CODE('U', 'Y', 'I'):
	case CODE('V', 'N', 'D'):
	case CODE('V', 'U', 'V'):
	case CODE('X', 'A', 'F'):
	case CODE('X', 'O', 'F'):
	case CODE('X', 'P', 'F'):
		return 0;
	case CODE('B', 'H', 'D'):
	case CODE('I', 'Q', 'D'):
	case CODE('J', 'O', 'D'):
	case CODE('K', 'W', 'D'):
	case CODE('L', 'Y', 'D'):
	case CODE('O', 'M', 'R'):
	case CODE('T', 'N', 'D'):
		return 3;
	default:
		return 2;
	}
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
