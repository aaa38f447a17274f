#include "learn/card.h"

#include "base/time.h"
#include "record/digest.h"

static void
line(struct dq_buf *out, const char *key)
{
	dq_buf_comma(out);
	dq_buf_printf(out, "\n  \"%s\": ", key);
}

static void
line_str(struct dq_buf *out, const char *key, const char *text)
{
	line(out, key);
	dq_buf_json_str(out, text);
}

static void
add_made_by(const struct dq_card *card, struct dq_buf *out)
{
	char library[32], digest[DQ_SHA256_TEXT];

	dq_booster_library(library);
	dq_sha256_text(card->model, digest);
	line_str(out, "name", card->name);
	line_str(out, "version", card->version);
	line_str(out, "owner", card->owner);
	line_str(out, "model", card->file);
	line_str(out, "sha256", digest);
	line_str(out, "made_by", "dq-train " DQ_VERSION);
	line_str(out, "library", library);
	line_str(out, "predicts",
	    "the probability that the label is 1, trees of log loss");
}

static void
add_data(const struct dq_card *card, struct dq_buf *out)
{
	const struct dq_table *table = card->table;
	int64_t first = table->rows[0].time, last = first;

	for (size_t i = 1; i < table->count; i++) {
		if (table->rows[i].time < first)
			first = table->rows[i].time;
		if (table->rows[i].time > last)
			last = table->rows[i].time;
	}
	line(out, "data");
	dq_buf_byte(out, '{');
	dq_buf_member_str(out, "from", card->data);
	dq_buf_member_time(out, "first", first);
	dq_buf_member_time(out, "last", last);
	dq_buf_member_int(out, "rows", (int64_t)table->count);
	dq_buf_member_int(out, "positives", (int64_t)dq_table_positives(table));
	dq_buf_member_int(out, "customers", table->customers.count);
	dq_buf_member_str(out, "feature_set", table->feature_set);
	dq_buf_byte(out, '}');
}

static void
add_parameters(const struct dq_card *card, struct dq_buf *out)
{
	const struct dq_boost *b = card->boost;

	line(out, "parameters");
	dq_buf_byte(out, '{');
	dq_buf_member_int(out, "trees", b->trees);
	dq_buf_member_int(out, "parallel", b->parallel);
	dq_buf_member_int(out, "depth", b->depth);
	dq_buf_member_real(out, "rate", b->rate);
	dq_buf_member_real(out, "rows", b->rows);
	dq_buf_member_real(out, "columns", b->columns);
	dq_buf_member_real(out, "min_child_weight", b->min_child_weight);
	dq_buf_member_real(out, "lambda", b->lambda);
	dq_buf_member_flag(out, "monotone", b->signs != NULL);
	dq_buf_member_int(out, "seed", b->seed);
	dq_buf_byte(out, '}');
}

static void
add_features(const struct dq_card *card, struct dq_buf *out)
{
	line(out, "features");
	dq_buf_byte(out, '[');
	for (size_t c = 0; c < card->table->columns; c++) {
		dq_buf_comma(out);
		dq_buf_json_text(out, dq_table_name(card->table, c));
	}
	dq_buf_byte(out, ']');
	line(out, "left_out");
	dq_buf_byte(out, '[');
	for (uint32_t n = 0; n < card->table->names.count; n++) {
		if (card->table->column[n] >= 0)
			continue;
		dq_buf_comma(out);
		dq_buf_json_text(out, dq_map_key(&card->table->names, n));
	}
	dq_buf_byte(out, ']');
}

static void
add_scores(const struct dq_card *card, struct dq_buf *out)
{
	line(out, "scores");
	dq_buf_byte(out, '{');
	if (card->out_of_fold) {
		dq_buf_key(out, "out_of_fold");
		dq_buf_byte(out, '{');
		dq_buf_member_int(out, "folds", card->folds);
		dq_buf_member_int(out, "shuffles", card->shuffles);
		dq_buf_evaluation(out, card->out_of_fold);
		dq_buf_byte(out, '}');
	}
	if (card->held_out) {
		dq_buf_key(out, "held_out");
		dq_buf_byte(out, '{');
		dq_buf_evaluation(out, card->held_out);
		dq_buf_byte(out, '}');
	}
	dq_buf_byte(out, '}');
}

/* What follows from how it was made is said without being asked. */
static void
add_limits(const struct dq_card *card, struct dq_buf *out)
{
	line(out, "limits");
	dq_buf_byte(out, '[');
	if (card->limits)
		dq_buf_json_str(out, card->limits);
	dq_buf_comma(out);
	dq_buf_json_str(
	    out, card->money ? "Uses figures in the account's currency: serves "
			       "accounts of the training data's currency only."
			     : "Uses no figure in a currency.");
	if (!card->out_of_fold && !card->held_out) {
		dq_buf_comma(out);
		dq_buf_json_str(out, "Its scores have not been measured.");
	}
	dq_buf_byte(out, ']');
}

void
dq_card_write(const struct dq_card *card, struct dq_buf *out)
{
	dq_buf_byte(out, '{');
	add_made_by(card, out);
	add_data(card, out);
	add_parameters(card, out);
	add_features(card, out);
	add_scores(card, out);
	add_limits(card, out);
	dq_buf_str(out, "\n}\n");
}
