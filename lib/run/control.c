#include "run/control.h"

#include "record/json.h"

#define PROTOCOL_VERSION 1

static enum dq_mark
mark_of(struct dq_slice key)
{
	static const char *const names[] = {
	    [DQ_MARK_BEGIN] = "@begin",
	    [DQ_MARK_ASSIGN] = "@assign",
	    [DQ_MARK_REVOKE] = "@revoke",
	    [DQ_MARK_STATE] = "@state",
	    [DQ_MARK_CHECKPOINT] = "@checkpoint",
	    [DQ_MARK_END] = "@end",
	};

	for (int i = 0; i < DQ_MARK_OTHER; i++)
		if (dq_slice_is(key, names[i]))
			return (enum dq_mark)i;
	return DQ_MARK_OTHER;
}

static bool
begin(struct dq_control *control, struct yyjson_val *root, struct dq_slice run,
    int64_t seq, enum dq_exit *code, struct dq_err *err)
{
	struct yyjson_val *body = dq_json_get(root, "@begin");
	int64_t version = 0;

	if (control->begun)
		return dq_err_set(err, "a second @begin: two sources write "
				       "into one pipe");
	if (!dq_json_int(dq_json_get(body, "version"), &version) ||
	    version != PROTOCOL_VERSION) {
		*code = DQ_EXIT_USAGE;
		return dq_err_set(err,
		    "protocol version %lld, known is %d: "
		    "use tools of one version",
		    (long long)version, PROTOCOL_VERSION);
	}
	if (run.len >= sizeof(control->run))
		return dq_err_set(err, "@begin with an overlong run");
	memcpy(control->run, run.data, run.len);
	control->run[run.len] = 0;
	control->begun = true;
	control->seq = seq;
	return true;
}

/* A filter adds @state lines of its own; they carry no seq of the source. */
static bool
follow(struct dq_control *control, enum dq_mark mark, struct dq_slice run,
    int64_t seq, struct dq_err *err)
{
	if (control->ended)
		return dq_err_set(err, "a line after @end");
	if (!dq_slice_is(run, control->run))
		return dq_err_set(err, "a line of another run: two sources "
				       "write into one pipe");
	if (mark == DQ_MARK_STATE)
		return true;
	if (seq != control->seq + 1)
		return dq_err_set(err,
		    "control line %lld follows %lld: "
		    "lines were lost",
		    (long long)seq, (long long)control->seq);
	control->seq = seq;
	control->ended = mark == DQ_MARK_END;
	return true;
}

bool
dq_control_read(struct dq_control *control, struct dq_slice line,
    enum dq_mark *mark, enum dq_exit *code, struct dq_err *err)
{
	struct yyjson_doc *doc = dq_json_parse(line, err);
	struct yyjson_val *root = doc ? dq_json_root(doc) : NULL;
	struct dq_json_iter iter = dq_json_iter(root);
	struct dq_slice run = dq_json_text(dq_json_get(root, "run"));
	int64_t seq = -1;
	bool good = false;

	*code = control->begun ? DQ_EXIT_RETRY : DQ_EXIT_DATA;
	if (doc && dq_json_next(&iter)) {
		*mark = mark_of(iter.key);
		dq_json_int(dq_json_get(root, "seq"), &seq);
		if (*mark == DQ_MARK_BEGIN)
			good = begin(control, root, run, seq, code, err);
		else if (control->begun)
			good = follow(control, *mark, run, seq, err);
		else
			dq_err_set(err, "a record may not begin with {\"@");
	}
	dq_json_free(doc);
	return good;
}
