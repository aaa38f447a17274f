#include "base/utf8.h"

/* Bytes behind the first one; -1 where that begins nothing. */
static int
count_more(unsigned char first)
{
	if (first < 0x80)
		return 0;
	if (first < 0xC2 || first > 0xF4)
		return -1;
	return first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3;
}

uint32_t
dq_utf8_next(struct dq_slice text, size_t *at)
{
	static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
	const unsigned char *bytes = (const unsigned char *)text.data + *at;
	size_t left = text.len - (*at)++;
	int more = count_more(*bytes);
	uint32_t character;

	if (more <= 0)
		return more ? DQ_UTF8_UNKNOWN : *bytes;
	if ((size_t)more >= left)
		return DQ_UTF8_UNKNOWN;
	character = *bytes & (0x3Fu >> more);
	for (int i = 1; i <= more; i++) {
		if ((bytes[i] & 0xC0) != 0x80)
			return DQ_UTF8_UNKNOWN;
		character = character << 6 | (bytes[i] & 0x3F);
	}
	if (character < least[more] || character > 0x10FFFF ||
	    (character >= 0xD800 && character <= 0xDFFF))
		return DQ_UTF8_UNKNOWN;
	*at += (size_t)more;
	return character;
}

struct range {
	uint32_t first, last;
};

static bool
is_within(uint32_t c, const struct range *ranges, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (c >= ranges[i].first && c <= ranges[i].last)
			return true;
	return false;
}

#define WITHIN(c, ranges) is_within(c, ranges, sizeof(ranges) / sizeof(*ranges))

uint32_t
dq_utf8_next_shown(struct dq_slice text, size_t *at)
{
	/* C0, DEL and C1; marks of direction, line and paragraph ends; soft
	 * hyphen and other fillers; noncharacters; tags. */
	static const struct range hidden[] = {{0, 0x1F}, {0x7F, 0x9F},
	    {0xAD, 0xAD}, {0x61C, 0x61C}, {0x200B, 0x200F}, {0x2028, 0x202E},
	    {0x2060, 0x206F}, {0xFEFF, 0xFEFF}, {0xFFF9, 0xFFFB},
	    {0xFFFE, 0xFFFF}, {0xE0000, 0xE0FFF}};
	uint32_t c = dq_utf8_next(text, at);

	return WITHIN(c, hidden) || (c & 0xFFFE) == 0xFFFE ? DQ_UTF8_UNKNOWN
							   : c;
}

int
dq_utf8_columns(uint32_t c)
{
	static const struct range none[] = {{0x300, 0x36F}, {0x483, 0x489},
	    {0x591, 0x5BD}, {0x610, 0x61A}, {0x64B, 0x65F}, {0x1AB0, 0x1AFF},
	    {0x1DC0, 0x1DFF}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F},
	    {0xFE20, 0xFE2F}};
	static const struct range wide[] = {{0x1100, 0x115F}, {0x2E80, 0x303E},
	    {0x3041, 0xA4CF}, {0xAC00, 0xD7A3}, {0xF900, 0xFAFF},
	    {0xFE30, 0xFE6F}, {0xFF00, 0xFF60}, {0xFFE0, 0xFFE6},
	    {0x1F300, 0x1F64F}, {0x1F680, 0x1F6FF}, {0x1F900, 0x1FAFF},
	    {0x20000, 0x3FFFD}};

	if (WITHIN(c, none))
		return 0;
	return WITHIN(c, wide) ? 2 : 1;
}

void
dq_buf_utf8(struct dq_buf *buf, uint32_t c)
{
	if (c < 0x80) {
		dq_buf_byte(buf, (char)c);
		return;
	}
	if (c < 0x800) {
		dq_buf_byte(buf, (char)(0xC0 | c >> 6));
	} else if (c < 0x10000) {
		dq_buf_byte(buf, (char)(0xE0 | c >> 12));
		dq_buf_byte(buf, (char)(0x80 | (c >> 6 & 0x3F)));
	} else {
		dq_buf_byte(buf, (char)(0xF0 | c >> 18));
		dq_buf_byte(buf, (char)(0x80 | (c >> 12 & 0x3F)));
		dq_buf_byte(buf, (char)(0x80 | (c >> 6 & 0x3F)));
	}
	dq_buf_byte(buf, (char)(0x80 | (c & 0x3F)));
}
