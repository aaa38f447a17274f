/* Comma-separated values become one line a record, whatever they are; a row of
 * COPY has a field more than it has tabs. */
#include "port/pg_csv.h"
#include "port/pg_row.h"
#include "record/json.h"

#include "fuzz.h"

static void
read_table(const char *path, const char *table)
{
	struct dq_err err;
	struct dq_source *inner = dq_source_open(path, NULL, &err);
	struct dq_source *csv;
	struct dq_slice line;
	enum dq_got got;

	MUST(inner);
	csv = dq_pg_csv(inner, table);
	while ((got = dq_source_next(csv, &line)) == DQ_GOT_LINE ||
	       got == DQ_GOT_BAD) {
		if (got == DQ_GOT_BAD || !line.len)
			continue;
		MUST(!memchr(line.data, '\n', line.len));
	}
	dq_source_close(csv);
}

/* Any bytes as a row of COPY: as many fields as there are tabs, and one. */
static void
split_row(const uint8_t *data, size_t size)
{
	struct dq_slice fields[DQ_PG_FIELDS_MAX];
	char *row = malloc(size + 1);
	size_t tabs = 0;

	memcpy(row, data, size);
	for (size_t i = 0; i < size; i++)
		tabs += data[i] == '\t';
	for (size_t n = 1; n <= DQ_PG_FIELDS_MAX; n++) {
		memcpy(row, data, size);
		MUST(dq_pg_row_split(row, size, fields, n) == (n == tabs + 1));
	}
	free(row);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[40];
	int fd = memfd_create("csv", 0);

	MUST(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	read_table(path, "transactions");
	read_table(path, "customers");
	close(fd);
	split_row(data, size);
	return 0;
}
