/* What several endpoints write; nobody but them includes this. */
#ifndef DQ_SERVE_API_PARTS_H
#define DQ_SERVE_API_PARTS_H

#include "serve/serve.h"

/* A member that is JSON, or null where `json` is NULL. */
void dq_part_raw(struct dq_buf *out, const char *key, const char *json);

/* A member that is null where the value is NAN. */
void dq_part_real(struct dq_buf *out, const char *key, double value);

/* A member that is null where the time is DQ_TIME_NONE. */
void dq_part_time(struct dq_buf *out, const char *key, int64_t time);

/* The member `from` of an object, as `key`; null where it has none. */
void dq_part_member(struct dq_buf *out, const char *key,
    struct yyjson_val *object, const char *from);

/* A decision's record with one member more, its review. */
void dq_part_decision(
    const struct dq_book_decision *decision, struct dq_buf *out);

/* The answer to a prediction (lib/serve/api_answer.c). */
void dq_part_answer(const struct dq_record *prediction, struct dq_buf *out);

/* DQ_MAP_NONE after dq_request_fail. */
uint32_t dq_part_customer(
    struct dq_serve *serve, struct dq_request *request, struct dq_slice id);

#endif
