/* dq-intervene: from predictions to who is contacted how, by a policy. */
#include "base/mem.h"
#include "policy/engine.h"
#include "run/files.h"
#include "run/side.h"
#include "run/tool.h"

#include <stdlib.h>

#define POLICY_LIMIT (1u << 20)
#define ZONES_TOLD 20

struct intervene {
	const char *policy_path;
	struct dq_side customers;
	bool allow_unapproved;
	bool pass;
	struct dq_policy *policy;
	struct dq_engine *engine;
	int zones_told;
};

/* --describe is answered without a state of its own. */
static struct intervene intervene;

static void
load_policy(void)
{
	char *path = intervene.policy_path
			 ? dq_strdup(intervene.policy_path)
			 : dq_file_share("policies/default.json");
	struct dq_buf text = {0}, where = {0};
	struct dq_err err;

	dq_file_read(path, POLICY_LIMIT, &text);
	dq_buf_printf(&where, "policy %s", path);
	intervene.policy = dq_policy_new(dq_buf_view(&text), &err);
	if (!intervene.policy)
		dq_die(DQ_EXIT_USAGE, dq_buf_text(&where), "%s", err.text);
	if (!intervene.allow_unapproved &&
	    !dq_policy_approved(intervene.policy, dq_clock_wall(), &err))
		dq_die(DQ_EXIT_USAGE, dq_buf_text(&where),
		    "%s (--allow-unapproved to try it out)", err.text);
	dq_buf_release(&where);
	dq_buf_release(&text);
	free(path);
}

static void
describe(struct dq_buf *out)
{
	intervene.allow_unapproved = true;
	load_policy();
	dq_policy_describe(intervene.policy, out);
	dq_policy_free(intervene.policy);
}

static void
take_profile(void *context, const struct dq_record *record)
{
	struct intervene *state = context;
	struct dq_slice zone;

	dq_engine_profile(state->engine, record);
	while ((zone = dq_engine_unknown_zone(state->engine)).len)
		if (state->zones_told++ < ZONES_TOLD)
			dq_warn("customers",
			    "time zone \"%.*s\" is not known here: the "
			    "policy's fallback_zone stands in",
			    (int)(zone.len < 64 ? zone.len : 64), zone.data);
}

static bool
take_review(
    struct intervene *state, const struct dq_record *record, struct dq_out *out)
{
	char where[256];
	struct dq_err err;

	/* A review comes at least once: the second one is no fault. */
	if (!dq_engine_review(state->engine, record, out, &err))
		dq_warn(dq_place_text(&record->place, where),
		    "review left aside: %s", err.text);
	return true;
}

static bool
each(void *context, const struct dq_record *record, struct dq_out *out,
    struct dq_err *err)
{
	struct intervene *state = context;

	dq_side_look(&state->customers);
	if (state->pass)
		dq_out_pass(out, record);
	switch (record->kind) {
	case DQ_KIND_CUSTOMER:
		take_profile(state, record);
		return true;
	case DQ_KIND_REVIEW:
		return take_review(state, record, out);
	default:
		return dq_engine_predict(state->engine, record, out, err);
	}
}

static void
tick(void *context, int64_t time, int32_t partition, struct dq_out *out)
{
	struct intervene *state = context;

	dq_side_look(&state->customers);
	dq_engine_advance(state->engine, partition, time, out);
}

static size_t
rows(void *context)
{
	return dq_engine_rows(((struct intervene *)context)->engine);
}

static void
save(void *context, size_t row, struct dq_buf *key, struct dq_buf *value)
{
	dq_engine_save(((struct intervene *)context)->engine, row, key, value);
}

static bool
load(void *context, struct dq_slice key, struct dq_slice value,
    struct dq_err *err)
{
	return dq_engine_load(
	    ((struct intervene *)context)->engine, key, value, err);
}

static struct dq_filter filter;

/* Profiles of the side table come back with the new engine. */
static void
start(struct intervene *state)
{
	dq_engine_free(state->engine);
	state->engine = dq_engine_new(state->policy);
	dq_engine_watch(state->engine, filter.changed, filter.changed_context);
	dq_side_forget(&state->customers);
}

static void
clear(void *context)
{
	start(context);
}

static bool
get(void *context, struct dq_slice key, struct dq_buf *value)
{
	return dq_engine_get(((struct intervene *)context)->engine, key, value);
}

static struct dq_opt options[] = {
    {.name = "policy",
	.argument = "FILE",
	.type = DQ_OPT_TEXT,
	.value = &intervene.policy_path,
	.help = "the policy (policies/default.json)"},
    {.name = "allow-unapproved",
	.type = DQ_OPT_FLAG,
	.value = &intervene.allow_unapproved,
	.help = "take a policy that is not in force"},
    {.name = "customers",
	.argument = "FROM",
	.type = DQ_OPT_TEXT,
	.value = &intervene.customers.spec,
	.help = "customer records: a side table, read first"},
    {.name = "pass",
	.type = DQ_OPT_FLAG,
	.value = &intervene.pass,
	.help = "pass on what is read too, before what comes of it"},
    {.name = NULL},
};

#define READS                                                                  \
	(DQ_KIND_BIT(DQ_KIND_PREDICTION) | DQ_KIND_BIT(DQ_KIND_CUSTOMER) |     \
	    DQ_KIND_BIT(DQ_KIND_REVIEW))

static struct dq_tool tool = {
    .name = "dq-intervene",
    .usage = "[OPTIONS]",
    .summary = "Decides by a policy who is contacted how and when, and says "
	       "what became of it.",
    .options = options,
    .reads = READS,
    .writes = DQ_KIND_BIT(DQ_KIND_INTERVENTION) | DQ_KIND_BIT(DQ_KIND_OUTCOME),
    .describe = describe,
    .stateful = true,
    .kafka = &dq_kafka,
    .group = "intervention-service-group",
};

static struct dq_filter filter = {
    .state = &intervene,
    .kinds = READS,
    .each = each,
    .tick = tick,
    .rows = rows,
    .save = save,
    .load = load,
    .clear = clear,
    .get = get,
    .state_version = "intervene 1",
};

int
main(int argc, char **argv)
{
	enum dq_exit code;

	if (dq_tool_start(&tool, argc, argv) > 0)
		dq_die(DQ_EXIT_USAGE, argv[1],
		    "not an option; input is named with --from");
	load_policy();
	intervene.customers.tool = &tool;
	intervene.customers.kinds = DQ_KIND_BIT(DQ_KIND_CUSTOMER);
	intervene.customers.each = take_profile;
	intervene.customers.context = &intervene;
	start(&intervene);
	code = dq_tool_run(&tool, &filter);
	dq_side_forget(&intervene.customers);
	dq_engine_free(intervene.engine);
	dq_policy_free(intervene.policy);
	return (int)code;
}
