#include "run/terminal.h"

#include "base/num.h"

#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <unistd.h>

int
dq_terminal_columns(void)
{
	const char *text = getenv("COLUMNS");
	int64_t columns;

	if (!text || !dq_num_int(DQ_SLICE(text), &columns) || columns < 40 ||
	    columns > 1000)
		return 80;
	return (int)columns;
}

bool
dq_terminal_utf8(void)
{
	locale_t locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
	bool utf8;

	if (!locale)
		return false;
	utf8 = !strcmp(nl_langinfo_l(CODESET, locale), "UTF-8");
	freelocale(locale);
	return utf8;
}

bool
dq_terminal_colour(int fd)
{
	const char *no_colour = getenv("NO_COLOR"), *term = getenv("TERM");

	return !(no_colour && *no_colour) && term && strcmp(term, "dumb") &&
	       isatty(fd);
}
