/* Comma-separated values with a line of names on top, as records of a table. */
#ifndef DQ_PORT_PG_CSV_H
#define DQ_PORT_PG_CSV_H

#include "port/source.h"

/* Puts itself before `inner`, which it closes. An input whose first line
 * begins with a brace is left as it is: lines of JSON. `table` says what the
 * names mean: those of its columns or of the fields in them; others become
 * fields of their own. */
struct dq_source *dq_pg_csv(struct dq_source *inner, const char *table);

#endif
