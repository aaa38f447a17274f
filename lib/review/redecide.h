/* Decisions made again by the tools that made them, and held against what they
 * were. */
#ifndef DQ_REVIEW_REDECIDE_H
#define DQ_REVIEW_REDECIDE_H

#include "record/out.h"
#include "run/scratch.h"

struct dq_redecide {
	const char *score, *intervene; /* commands */
	/* for the first, and as they were */
	struct dq_scratch features, predictions;
	/* for the second, likewise: partitions know nothing of each other */
	struct dq_redecide_part {
		int32_t partition; /* -1: of none */
		struct dq_scratch cause, decisions;
	} * parts;
	size_t count;
	int64_t findings;
};

void dq_redecide_open(
    struct dq_redecide *redecide, const char *score, const char *intervene);
void dq_redecide_close(struct dq_redecide *redecide);

/* One record of what there was: decisions, profiles, reviews, ticks. It needs
 * line, place and kind only. */
void dq_redecide_record(
    struct dq_redecide *redecide, const struct dq_record *record);

/* Runs the commands; writes the findings and a summary. A command that fails
 * ends the program with its code. */
void dq_redecide_end(struct dq_redecide *redecide, struct dq_out *out);

#endif
