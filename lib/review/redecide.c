#include "review/redecide.h"

#include "audit/again.h"
#include "audit/chain.h"
#include "base/mem.h"

#include <stdlib.h>

void
dq_redecide_open(
    struct dq_redecide *r, const char *score, const char *intervene)
{
	*r = (struct dq_redecide){.score = score, .intervene = intervene};
	dq_scratch_open(&r->features);
	dq_scratch_open(&r->predictions);
}

void
dq_redecide_close(struct dq_redecide *r)
{
	dq_scratch_close(&r->features);
	dq_scratch_close(&r->predictions);
	for (size_t i = 0; i < r->count; i++) {
		dq_scratch_close(&r->parts[i].cause);
		dq_scratch_close(&r->parts[i].decisions);
	}
	free(r->parts);
}

/* What came of no partition, such as profiles, came for each. */
static struct dq_redecide_part *
part_of(struct dq_redecide *r, int32_t partition)
{
	struct dq_redecide_part *part;

	for (size_t i = 0; i < r->count; i++)
		if (r->parts[i].partition == partition)
			return &r->parts[i];
	r->parts = dq_realloc_array(r->parts, r->count + 1, sizeof(*r->parts));
	part = &r->parts[r->count++];
	part->partition = partition;
	dq_scratch_open(&part->cause);
	dq_scratch_open(&part->decisions);
	for (size_t i = 0; i + 1 < r->count; i++) {
		struct dq_slice line, before;

		if (r->parts[i].partition != -1)
			continue;
		before = dq_scratch_map(&r->parts[i].cause);
		while (dq_scratch_next(&before, &line)) {
			dq_buf_slice(&part->cause.buf, line);
			dq_scratch_line(&part->cause);
		}
	}
	return part;
}

static void
take_prediction(struct dq_redecide *r, struct dq_slice line)
{
	size_t begin = r->predictions.buf.len;

	dq_buf_unsealed(&r->predictions.buf, line);
	dq_buf_snapshot(
	    &r->features.buf, (struct dq_slice){r->predictions.buf.data + begin,
				  r->predictions.buf.len - begin});
	dq_scratch_line(&r->predictions);
	dq_scratch_line(&r->features);
}

void
dq_redecide_record(struct dq_redecide *r, const struct dq_record *record)
{
	bool decision = record->kind == DQ_KIND_INTERVENTION ||
			record->kind == DQ_KIND_OUTCOME;
	bool sealed;
	struct dq_seal seal;
	struct dq_scratch *scratch;
	struct dq_redecide_part *part;

	sealed = dq_seal_read(record->line, &seal);
	part = part_of(r, sealed ? seal.partition : record->place.partition);
	scratch = decision ? &part->decisions : &part->cause;
	dq_buf_unsealed(&scratch->buf, record->line);
	dq_scratch_line(scratch);
	if (record->kind == DQ_KIND_PREDICTION)
		take_prediction(r, record->line);
}

/* What was decided against what the command decides of the same. */
static void
compare(struct dq_redecide *r, const char *command, struct dq_scratch *in,
    struct dq_scratch *were, struct dq_out *out)
{
	struct dq_decided decided = {0};
	struct dq_slice rest = dq_scratch_map(were), line;
	struct dq_scratch again;

	if (!were->lines)
		return;
	while (dq_scratch_next(&rest, &line))
		dq_decided_add(&decided, line);
	dq_scratch_run(command, in, &again);
	rest = dq_scratch_map(&again);
	while (dq_scratch_next(&rest, &line))
		r->findings += dq_decided_compare(&decided, line, out);
	r->findings += dq_decided_left(&decided, out);
	dq_decided_release(&decided);
	dq_scratch_close(&again);
}

void
dq_redecide_end(struct dq_redecide *r, struct dq_out *out)
{
	int64_t decisions = 0;
	struct dq_buf *buf;

	compare(r, r->score, &r->features, &r->predictions, out);
	for (size_t i = 0; i < r->count; i++) {
		compare(r, r->intervene, &r->parts[i].cause,
		    &r->parts[i].decisions, out);
		decisions += r->parts[i].decisions.lines;
	}
	buf = dq_out_begin(out);
	dq_buf_str(buf, "{\"event_type\":\"redecision\"");
	dq_buf_member_int(buf, "predictions", r->predictions.lines);
	dq_buf_member_int(buf, "decisions", decisions);
	dq_buf_member_int(buf, "findings", r->findings);
	dq_buf_byte(buf, '}');
	dq_out_end(out, (struct dq_slice){"", 0});
}
