/* An @state line says what was written, and belongs to its run. */
#include "record/control.h"

#include "unit.h"

static const char begin[] =
    "{\"@begin\":{\"version\":1},\"run\":\"r\",\"seq\":1}";

static void
there_and_back(struct dq_slice key, struct dq_slice value)
{
	struct dq_control_state row = {.tool = DQ_SLICE("t"),
	    .topic = DQ_SLICE("topic"),
	    .key = key,
	    .partition = 7,
	    .value = value};
	struct dq_control control = {0};
	struct dq_buf line = {0}, bytes = {0};
	struct yyjson_doc *doc;
	struct dq_err err;

	CHECK(dq_control_read(&control, DQ_SLICE(begin), &err));
	dq_control_write_state(&control, &row, &line);
	CHECK(dq_control_read(&control, dq_buf_view(&line), &err));
	CHECK(control.mark == DQ_MARK_STATE && control.seq == 1);
	memset(&row, 0, sizeof(row));
	CHECK(dq_control_state_read(
	    dq_buf_view(&line), &row, &doc, &bytes, &err));
	CHECK_TEXT(row.tool, "t");
	CHECK_TEXT(row.topic, "topic");
	CHECK(dq_slice_equal(row.key, key));
	CHECK(!row.value.data == !value.data);
	CHECK(dq_slice_equal(row.value, value));
	CHECK_INT(row.partition, 7);
	dq_json_free(doc);
	dq_buf_release(&line);
	dq_buf_release(&bytes);
	dq_control_release(&control);
}

/* Another order of members or a blank changes nothing. */
static void
otherwise(const char *line)
{
	struct dq_control control = {0};
	struct dq_err err;

	CHECK(dq_control_read(&control, DQ_SLICE(begin), &err));
	CHECK(dq_control_read(&control, DQ_SLICE(line), &err));
	CHECK(control.mark == DQ_MARK_STATE);
	CHECK_INT(control.seq, 1);
	dq_control_release(&control);
}

static void
refuses(const char *line, bool read)
{
	struct dq_control control = {0};
	struct dq_control_state row;
	struct dq_buf bytes = {0};
	struct yyjson_doc *doc;
	struct dq_err err;

	CHECK(dq_control_read(&control, DQ_SLICE(begin), &err));
	err.code = DQ_EXIT_OK;
	CHECK(dq_control_read(&control, DQ_SLICE(line), &err) == read);
	if (read) {
		CHECK(!dq_control_state_read(
		    DQ_SLICE(line), &row, &doc, &bytes, &err));
		dq_json_free(doc);
	}
	CHECK_INT(err.code, DQ_EXIT_RETRY);
	dq_buf_release(&bytes);
	dq_control_release(&control);
}

int
main(void)
{
	there_and_back(DQ_SLICE("C1"), DQ_SLICE("some bytes"));
	there_and_back(
	    DQ_SLICE("\"},\"run\":\"x\"}"), (struct dq_slice){"\0\n", 2});
	there_and_back(DQ_SLICE("C2"), (struct dq_slice){NULL, 0});
	there_and_back(DQ_SLICE("C3"), (struct dq_slice){"", 0});
	refuses("{\"@state\":{\"partition\":1,\"key\":\"k\",\"value\":null},"
		"\"run\":\"s\"}",
	    false);
	refuses("{\"@state\":{\"partition\":1,\"key\":\"k\",\"value\":null},"
		"\"run\":\"r",
	    false);
	refuses(
	    "{\"@state\":{\"key\":\"k\",\"value\":null},\"run\":\"r\"}", true);
	refuses("{\"@state\":{\"partition\":1,\"key\":\"k\",\"value\":\"Zg=\"},"
		"\"run\":\"r\"}",
	    true);
	refuses(
	    "{\"@state\":{\"partition\":1,\"key\":\"k\"},\"run\":\"r\"}", true);
	otherwise("{\"@state\":{\"partition\":1}, \"run\":\"r\"}");
	otherwise("{\"@state\":{},\"run\":\"r\",\"seq\":7}");
	return unit_done();
}
