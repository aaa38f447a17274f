/* A side table: records that are read before the first one of the input, and
 * not through it. Of a file or a topic; a topic is followed, too. */
#ifndef DQ_RUN_SIDE_H
#define DQ_RUN_SIDE_H

#include "run/tool.h"

struct dq_side {
	/* set by the owner: */
	const struct dq_tool *tool;
	const char *spec; /* a path, kafka:TOPIC, or NULL: there is none */
	uint32_t kinds;	  /* whose fields are checked */
	void (*each)(void *context, const struct dq_record *record);
	void *context;
	/* ours: */
	bool read;
	int64_t looked; /* steady clock */
	struct dq_reader *reader;
	struct dq_kafka_table *table;
};

/* To be called before every record and tick. The first call reads all there
 * is; later ones take what has come into a topic since. Ends the program where
 * that fails, with 65 on a line that is no record, unless --on-bad says that
 * such a message is passed over. */
void dq_side_look(struct dq_side *side);

/* The owner has forgotten it all: the next look reads everything again. */
void dq_side_forget(struct dq_side *side);

#endif
