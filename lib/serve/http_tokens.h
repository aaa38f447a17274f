/* Who may do what: a file of names, roles and SHA-256 of tokens. Tokens are
 * random and long, so that a fast hash hides them. */
#ifndef DQ_SERVE_HTTP_TOKENS_H
#define DQ_SERVE_HTTP_TOKENS_H

#include "base/buf.h"
#include "base/err.h"
#include "serve/http.h"

struct dq_tokens;

/* A line each: NAME ROLE HASH, and comments after '#'. NULL with err set
 * (which line, and what to do). */
struct dq_tokens *dq_tokens_load(const char *path, struct dq_err *err);
void dq_tokens_free(struct dq_tokens *tokens);

/* DQ_ROLE_NONE when nobody has that token. Takes as long for a wrong token as
 * for a right one. */
enum dq_role dq_tokens_role(const struct dq_tokens *tokens,
    struct dq_slice token, struct dq_slice *name);

#endif
