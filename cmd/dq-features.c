/* dq-features: what customers did becomes figures. */
#include "base/num.h"
#include "features/features.h"
#include "features/rows.h"
#include "run/files.h"
#include "run/side.h"
#include "run/tool.h"

#define WANTED_LIMIT ((size_t)4 << 30) /* bytes of the file of --emit at */

struct tool {
	struct dq_features features;
	struct dq_side customers;
	const char *large;
	const char *only;
	const char *zone;
	int64_t dedup;
	struct dq_buf state_version;
};

static void
take_profile(void *context, const struct dq_record *record)
{
	struct dq_err err;
	char place[256];

	if (record->kind == DQ_KIND_CUSTOMER &&
	    !dq_features_record(context, record, NULL, &err))
		dq_die(DQ_EXIT_DATA, dq_place_text(&record->place, place), "%s",
		    err.text);
}

/* The side table is looked at only when the state of an earlier run is loaded:
 * it is newer. */
static bool
each(void *state, const struct dq_record *record, struct dq_out *out,
    struct dq_err *err)
{
	struct tool *t = state;

	dq_side_look(&t->customers);
	if (!dq_features_record(&t->features, record, out, err))
		return false;
	if (record->kind == DQ_KIND_CUSTOMER)
		dq_out_pass(out, record);
	return true;
}

static void
tick(void *state, int64_t time, int32_t partition, struct dq_out *out)
{
	struct tool *t = state;

	dq_side_look(&t->customers);
	dq_features_tick(&t->features, time, partition, out);
}

static void
end(void *state, struct dq_out *out)
{
	struct tool *t = state;

	dq_side_look(&t->customers);
	dq_features_end(&t->features, out);
}

static size_t
rows(void *state)
{
	return dq_features_rows(&((struct tool *)state)->features);
}

static void
save(void *state, size_t row, struct dq_buf *key, struct dq_buf *value)
{
	dq_features_save(&((struct tool *)state)->features, row, key, value);
}

static bool
load(
    void *state, struct dq_slice key, struct dq_slice value, struct dq_err *err)
{
	return dq_features_load(
	    &((struct tool *)state)->features, key, value, err);
}

static void
clear(void *state)
{
	struct tool *t = state;

	dq_features_clear(&t->features);
	dq_side_forget(&t->customers);
}

static bool
get(void *state, struct dq_slice key, struct dq_buf *value)
{
	return dq_features_get(&((struct tool *)state)->features, key, value);
}

/* Labels are wanted, and lines that do not say what they are. */
static bool
is_pair(struct yyjson_val *root)
{
	struct yyjson_val *kind = dq_json_get(root, "event_type");

	return !kind || dq_slice_is(dq_json_text(kind), "label");
}

/* One line of the file of --emit at. */
static bool
want(struct dq_features *features, struct dq_slice line, struct dq_err *err)
{
	struct yyjson_doc *doc = dq_json_parse(line, err);
	struct yyjson_val *root = doc ? dq_json_root(doc) : NULL;
	struct yyjson_val *id = dq_json_get(root, "customer_id");
	int64_t time;
	bool good = false;

	if (!doc)
		return false;
	if (!is_pair(root))
		good = true;
	else if (!yyjson_is_str(id))
		dq_err_set(err, "no \"customer_id\"");
	else if (!dq_time_parse(
		     dq_json_text(dq_json_get(root, "event_time")), &time))
		dq_err_set(err, "no \"event_time\"");
	else {
		good = true;
		dq_features_want(features, dq_json_text(id), time);
	}
	dq_json_free(doc);
	return good;
}

static void
read_wanted(struct dq_features *features, const char *path)
{
	struct dq_buf bytes = {0};
	size_t number = 0;

	dq_file_read(path, WANTED_LIMIT, &bytes);
	for (size_t at = 0; at < bytes.len;) {
		char *end = memchr(bytes.data + at, '\n', bytes.len - at);
		size_t n = (end ? (size_t)(end - bytes.data) : bytes.len) - at;
		struct dq_err err;

		number++;
		if (n && !want(features, (struct dq_slice){bytes.data + at, n},
			     &err))
			dq_die(DQ_EXIT_DATA, path, "line %zu: %s", number,
			    err.text);
		at += n + 1;
	}
	dq_buf_release(&bytes);
	dq_features_wanted(features);
}

static void
set_up(struct tool *t, bool stateful, const char *wanted)
{
	struct dq_features *f = &t->features;
	struct dq_err err;

	if (!dq_selection_init(&f->selection, t->only, &err))
		dq_die(DQ_EXIT_USAGE, "--only", "%s", err.text);
	if (strcmp(t->zone, "UTC") != 0) {
		f->zone = dq_zone_get(DQ_SLICE(t->zone), &err);
		if (!f->zone)
			dq_die(DQ_EXIT_USAGE, "--zone", "%s", err.text);
	}
	if (!dq_num_scaled(DQ_SLICE(t->large), 3, &f->large))
		dq_die(DQ_EXIT_USAGE, "--large", "\"%s\" is not an amount",
		    t->large);
	if (t->dedup < 0 || t->dedup > DQ_DEDUP_MAX)
		dq_die(
		    DQ_EXIT_USAGE, "--dedup", "is not 0 to %d", DQ_DEDUP_MAX);
	f->dedup = (uint32_t)t->dedup;
	if ((f->emit == DQ_EMIT_AT) != (wanted != NULL))
		dq_die(DQ_EXIT_USAGE, wanted ? wanted : "--emit at", "%s",
		    wanted ? "unexpected; see dq-features -h"
			   : "needs a file: --emit at FILE");
	if (wanted && stateful)
		dq_die(DQ_EXIT_USAGE, "--emit at", "goes without --state");
	if (wanted)
		read_wanted(f, wanted);
	dq_buf_printf(&t->state_version, "features %d.%d, zone %s, dedup %d",
	    DQ_CATALOGUE_VERSION, DQ_ROW_FORMAT, t->zone, (int)t->dedup);
}

/* What was not counted must not go by in silence. */
static void
report(const struct dq_features_counts *counts)
{
	const struct {
		int64_t count;
		const char *what;
	} rows[] = {
	    {counts->late, "records more than 90 days late"},
	    {counts->duplicates, "repeated transactions"},
	    {counts->merchants, "purchases beyond 256 merchants a customer"},
	    {counts->payments, "payments beyond 32 a customer"},
	};
	struct dq_buf text = {0};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (rows[i].count)
			dq_buf_printf(&text, "%s%s: %lld", text.len ? ", " : "",
			    rows[i].what, (long long)rows[i].count);
	if (text.len)
		dq_warn("left out", "%s", dq_buf_text(&text));
	dq_buf_release(&text);
}

static struct dq_tool tool;

static struct tool self = {
    .large = "5000",
    .zone = "UTC",
    .dedup = 64,
    .customers = {.tool = &tool,
	.kinds = DQ_KIND_BIT(DQ_KIND_CUSTOMER),
	.each = take_profile,
	.context = &self.features},
};

static struct dq_opt options[] = {
    {.name = "emit",
	.argument = "WHEN",
	.type = DQ_OPT_CHOICE,
	.value = &self.features.emit,
	.choices = "trigger|each|daily|at",
	.help = "trigger (default), each, daily, or at FILE"},
    {.name = "only",
	.argument = "NAME,...",
	.type = DQ_OPT_TEXT,
	.value = &self.only,
	.help = "compute and print only these features"},
    {.name = "customers",
	.argument = "FROM",
	.type = DQ_OPT_TEXT,
	.value = &self.customers.spec,
	.help = "read customer records first: a side table"},
    {.name = "zone",
	.argument = "NAME",
	.type = DQ_OPT_TEXT,
	.value = &self.zone,
	.help = "IANA time zone that days follow (UTC)"},
    {.name = "large",
	.argument = "AMOUNT",
	.type = DQ_OPT_TEXT,
	.value = &self.large,
	.help = "an amount above it triggers (5000)"},
    {.name = "source",
	.argument = "WHEN",
	.type = DQ_OPT_CHOICE,
	.value = &self.features.place,
	.choices = "topic|always|never",
	.help = "name a row's record: topic, always, never (topic)"},
    {.name = "dedup",
	.argument = "N",
	.type = DQ_OPT_INT,
	.value = &self.dedup,
	.help = "ids remembered against repeats (64; 0: none)"},
    {.name = NULL},
};

#define READS                                                                  \
	(DQ_KIND_BIT(DQ_KIND_TRANSACTION) | DQ_KIND_BIT(DQ_KIND_PAYMENT) |     \
	    DQ_KIND_BIT(DQ_KIND_CUSTOMER))

static struct dq_tool tool = {
    .name = "dq-features",
    .usage = "[OPTIONS] [FILE]",
    .summary = "Turns transactions and payments into features.",
    .options = options,
    .reads = READS | DQ_KIND_BIT(DQ_KIND_TICK),
    .writes = DQ_KIND_BIT(DQ_KIND_FEATURES),
    .describe = dq_catalogue_describe,
    .stateful = true,
    .kafka = &dq_kafka,
    .group = "feature-processor-group",
};

static struct dq_filter filter = {
    .state = &self,
    .kinds = READS,
    .each = each,
    .tick = tick,
    .end = end,
    .rows = rows,
    .save = save,
    .load = load,
    .clear = clear,
    .get = get,
};

int
main(int argc, char **argv)
{
	enum dq_exit code;
	int arguments;

	dq_features_init(&self.features);
	arguments = dq_tool_start(&tool, argc, argv);
	if (arguments > 1)
		dq_die(
		    DQ_EXIT_USAGE, argv[2], "unexpected; see dq-features -h");
	set_up(&self, tool.common.state != NULL, arguments ? argv[1] : NULL);
	filter.state_version = dq_buf_text(&self.state_version);
	code = dq_tool_run(&tool, &filter);
	dq_side_forget(&self.customers);
	report(&self.features.counts);
	dq_features_release(&self.features);
	dq_buf_release(&self.state_version);
	return code;
}
