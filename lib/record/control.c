#include "record/control.h"

#include "base/num.h"
#include "record/base64.h"

static const char *const names[] = {
    [DQ_MARK_BEGIN] = "@begin",
    [DQ_MARK_ASSIGN] = "@assign",
    [DQ_MARK_REVOKE] = "@revoke",
    [DQ_MARK_STATE] = "@state",
    [DQ_MARK_CHECKPOINT] = "@checkpoint",
    [DQ_MARK_END] = "@end",
};

static enum dq_mark
mark_of(struct dq_slice key)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (dq_slice_is(key, names[i]))
			return (enum dq_mark)i;
	return DQ_MARK_OTHER;
}

static bool
begin(struct dq_control *control, struct dq_slice run, int64_t seq,
    struct dq_err *err)
{
	int64_t version = 0;

	if (control->begun)
		return dq_err_code(err, DQ_EXIT_RETRY,
		    "a second @begin: two sources write into one pipe");
	if (control->records)
		return dq_err_code(err, DQ_EXIT_RETRY,
		    "records before @begin: two sources write into one pipe");
	if (!dq_json_int(dq_json_get(control->body, "version"), &version) ||
	    version != DQ_CONTROL_VERSION)
		return dq_err_code(err, DQ_EXIT_USAGE,
		    "protocol version %lld, known is %d: use tools of one "
		    "version",
		    (long long)version, DQ_CONTROL_VERSION);
	if (run.len >= sizeof(control->run))
		return dq_err_code(
		    err, DQ_EXIT_RETRY, "@begin with an overlong run");
	memcpy(control->run, run.data, run.len);
	control->run[run.len] = 0;
	control->begun = true;
	control->seq = seq;
	return true;
}

static bool
follow(struct dq_control *control, struct dq_slice run, int64_t seq,
    struct dq_err *err)
{
	if (control->ended)
		return dq_err_code(err, DQ_EXIT_RETRY, "a line after @end");
	if (!dq_slice_is(run, control->run))
		return dq_err_code(err, DQ_EXIT_RETRY,
		    "a line of another run: two sources write into one pipe");
	if (control->mark == DQ_MARK_STATE)
		return true; /* written otherwise than we do, but one */
	if (seq != control->seq + 1)
		return dq_err_code(err, DQ_EXIT_RETRY,
		    "control line %lld follows %lld: lines were lost",
		    (long long)seq, (long long)control->seq);
	control->seq = seq;
	control->ended = control->mark == DQ_MARK_END;
	return true;
}

/* These come often: no need for a parser. */
static bool
read_partition(struct dq_control *control, struct dq_slice line)
{
	static const char head[] = "{\"@p\":";
	size_t n = sizeof(head) - 1;
	int64_t number;

	if (line.len < n + 2 || memcmp(line.data, head, n) != 0 ||
	    !dq_num_int(
		(struct dq_slice){line.data + n, line.len - n - 1}, &number))
		return false;
	control->mark = DQ_MARK_PARTITION;
	control->partition = (int32_t)number;
	control->body = NULL;
	return true;
}

/* So do these, and long: only he who wants the row parses it. A filter adds
 * them, so they carry no seq of the source; the run comes last. */
static bool
read_state(struct dq_control *control, struct dq_slice line)
{
	static const char head[] = "{\"@state\":{", foot[] = "},\"run\":\"";
	size_t h = sizeof(head) - 1, f = sizeof(foot) - 1;
	size_t run = strlen(control->run);
	const char *end = line.data + line.len;

	if (line.len < h + f + run + 2 || memcmp(line.data, head, h) != 0 ||
	    memcmp(end - 2, "\"}", 2) != 0 ||
	    memcmp(end - 2 - run, control->run, run) != 0 ||
	    memcmp(end - 2 - run - f, foot, f) != 0)
		return false;
	dq_control_release(control);
	control->mark = DQ_MARK_STATE;
	return true;
}

bool
dq_control_read(
    struct dq_control *control, struct dq_slice line, struct dq_err *err)
{
	struct yyjson_val *root;
	struct dq_json_iter iter;
	struct dq_slice run;
	int64_t seq = -1;

	if (control->begun &&
	    (read_partition(control, line) || read_state(control, line)))
		return !control->ended ||
		       dq_err_code(err, DQ_EXIT_RETRY, "a line after @end");
	dq_control_release(control);
	control->doc = dq_json_parse(line, err);
	root = control->doc ? dq_json_root(control->doc) : NULL;
	iter = dq_json_iter(root);
	if (!root || !dq_json_next(&iter)) {
		if (err)
			err->code =
			    control->begun ? DQ_EXIT_RETRY : DQ_EXIT_DATA;
		return false;
	}
	control->mark = mark_of(iter.key);
	control->body = iter.value;
	run = dq_json_text(dq_json_get(root, "run"));
	dq_json_int(dq_json_get(root, "seq"), &seq);
	if (control->mark == DQ_MARK_BEGIN)
		return begin(control, run, seq, err);
	if (control->begun)
		return follow(control, run, seq, err);
	return dq_err_code(
	    err, DQ_EXIT_DATA, "a record may not begin with {\"@");
}

void
dq_control_release(struct dq_control *control)
{
	dq_json_free(control->doc);
	control->doc = NULL;
	control->body = NULL;
}

struct dq_json_iter
dq_control_offsets(const struct dq_control *control)
{
	return dq_json_iter(dq_json_get(control->body, "offsets"));
}

bool
dq_control_offset(struct dq_json_iter *iter, struct dq_control_offset *offset)
{
	struct dq_json_iter row;
	int64_t number = -1;

	if (!dq_json_next(iter))
		return false;
	*offset = (struct dq_control_offset){.partition = -1, .offset = -1};
	row = dq_json_iter(iter->value);
	if (dq_json_next(&row))
		offset->topic = dq_json_text(row.value);
	if (dq_json_next(&row) && dq_json_int(row.value, &number))
		offset->partition = (int32_t)number;
	if (dq_json_next(&row))
		dq_json_int(row.value, &offset->offset);
	if (dq_json_next(&row))
		offset->committed = yyjson_is_true(row.value);
	return true;
}

void
dq_control_write(struct dq_control *control, enum dq_mark mark,
    struct dq_slice body, struct dq_buf *out)
{
	dq_buf_byte(out, '{');
	dq_buf_member_raw(out, names[mark], body);
	dq_buf_member_str(out, "run", control->run);
	dq_buf_member_int(out, "seq", ++control->seq);
	dq_buf_byte(out, '}');
}

void
dq_control_write_state(const struct dq_control *control,
    const struct dq_control_state *row, struct dq_buf *out)
{
	dq_buf_byte(out, '{');
	dq_buf_key(out, names[DQ_MARK_STATE]);
	dq_buf_byte(out, '{');
	dq_buf_member_text(out, "tool", row->tool);
	dq_buf_member_text(out, "topic", row->topic);
	dq_buf_member_int(out, "partition", row->partition);
	dq_buf_member_text(out, "key", row->key);
	dq_buf_key(out, "value");
	if (row->value.data) {
		dq_buf_byte(out, '"');
		dq_buf_base64(out, row->value);
		dq_buf_byte(out, '"');
	} else {
		dq_buf_str(out, "null");
	}
	dq_buf_byte(out, '}');
	dq_buf_member_str(out, "run", control->run);
	dq_buf_byte(out, '}');
}

bool
dq_control_state_read(struct dq_slice line, struct dq_control_state *row,
    struct yyjson_doc **doc, struct dq_buf *bytes, struct dq_err *err)
{
	struct yyjson_val *body, *value;
	int64_t partition = -1;

	*doc = dq_json_parse(line, err);
	body =
	    *doc ? dq_json_get(dq_json_root(*doc), names[DQ_MARK_STATE]) : NULL;
	value = dq_json_get(body, "value");
	dq_json_int(dq_json_get(body, "partition"), &partition);
	*row = (struct dq_control_state){
	    .tool = dq_json_text(dq_json_get(body, "tool")),
	    .topic = dq_json_text(dq_json_get(body, "topic")),
	    .key = dq_json_text(dq_json_get(body, "key")),
	    .partition = (int32_t)partition,
	};
	bytes->len = 0;
	if (partition >= 0 && yyjson_is_null(value))
		return true;
	dq_buf_room(bytes, 1); /* no bytes are not NULL */
	if (partition < 0 || !yyjson_is_str(value) ||
	    !dq_buf_unbase64(bytes, dq_json_text(value)))
		return dq_err_code(
		    err, DQ_EXIT_RETRY, "an unreadable @state line");
	row->value = dq_buf_view(bytes);
	return true;
}

void
dq_control_write_partition(int32_t partition, struct dq_buf *out)
{
	dq_buf_str(out, "{\"@p\":");
	dq_buf_int(out, partition);
	dq_buf_byte(out, '}');
}
