#include "serve/http_tokens.h"

#include "base/mem.h"
#include "record/digest.h"
#include "run/files.h"

#include <stdlib.h>

#define FILE_LIMIT (1u << 20)

struct token {
	char *name;
	enum dq_role role;
	unsigned char hash[DQ_SHA256];
};

struct dq_tokens {
	struct token *rows;
	size_t count;
};

void
dq_tokens_free(struct dq_tokens *tokens)
{
	if (!tokens)
		return;
	for (size_t i = 0; i < tokens->count; i++)
		free(tokens->rows[i].name);
	free(tokens->rows);
	free(tokens);
}

static struct dq_slice
next_word(struct dq_slice *rest)
{
	struct dq_slice word;
	size_t n = 0;

	while (rest->len && strchr(" \t\r", *rest->data)) {
		rest->data++;
		rest->len--;
	}
	while (n < rest->len && !strchr(" \t\r", rest->data[n]))
		n++;
	word = (struct dq_slice){rest->data, n};
	rest->data += n;
	rest->len -= n;
	return word;
}

static enum dq_role
role_of(struct dq_slice word)
{
	static const char *const names[] = {"read", "decide", "admin"};

	for (int i = 0; i < 3; i++)
		if (dq_slice_is(word, names[i]))
			return (enum dq_role)(DQ_ROLE_READ + i);
	return DQ_ROLE_NONE;
}

static bool
take_row(struct dq_tokens *tokens, struct dq_slice line, struct dq_err *err)
{
	struct dq_slice name = next_word(&line), role = next_word(&line);
	struct dq_slice hash = next_word(&line);
	struct token *row;

	if (!name.len || *name.data == '#')
		return true;
	if (role_of(role) == DQ_ROLE_NONE)
		return dq_err_set(
		    err, "the second word must be read, decide or admin");
	tokens->rows = dq_realloc_array(
	    tokens->rows, tokens->count + 1, sizeof(*tokens->rows));
	row = &tokens->rows[tokens->count];
	row->role = role_of(role);
	if (!dq_unhex(hash, row->hash, DQ_SHA256) || next_word(&line).len)
		return dq_err_set(err,
		    "a line is NAME ROLE HASH, the hash that sha256sum prints "
		    "for the token");
	row->name = dq_strndup(name.data, name.len);
	tokens->count++;
	return true;
}

static bool
take_rows(struct dq_tokens *tokens, struct dq_slice text, const char *path,
    struct dq_err *err)
{
	for (int64_t line = 1; text.len; line++) {
		const char *end = memchr(text.data, '\n', text.len);
		size_t n = end ? (size_t)(end - text.data) : text.len;

		if (!take_row(tokens, (struct dq_slice){text.data, n}, err))
			return dq_err_at(
			    err, "%s: line %lld", path, (long long)line);
		n += end != NULL;
		text.data += n;
		text.len -= n;
	}
	return tokens->count || dq_err_set(err, "%s: holds no token", path);
}

struct dq_tokens *
dq_tokens_load(const char *path, struct dq_err *err)
{
	struct dq_tokens *tokens = dq_calloc(1, sizeof(*tokens));
	struct dq_buf text = {0};
	bool good = dq_file_load(path, FILE_LIMIT, &text, err) &&
		    take_rows(tokens, dq_buf_view(&text), path, err);

	dq_buf_release(&text);
	if (good)
		return tokens;
	dq_tokens_free(tokens);
	return NULL;
}

static bool
same(const unsigned char *a, const unsigned char *b)
{
	unsigned char difference = 0;

	for (int i = 0; i < DQ_SHA256; i++)
		difference |= a[i] ^ b[i];
	return !difference;
}

enum dq_role
dq_tokens_role(const struct dq_tokens *tokens, struct dq_slice token,
    struct dq_slice *name)
{
	enum dq_role role = DQ_ROLE_NONE;
	unsigned char hash[DQ_SHA256];

	*name = (struct dq_slice){"", 0};
	dq_sha256(token, hash);
	for (size_t i = 0; i < tokens->count; i++)
		if (same(hash, tokens->rows[i].hash)) {
			role = tokens->rows[i].role;
			*name = DQ_SLICE(tokens->rows[i].name);
		}
	return token.len ? role : DQ_ROLE_NONE;
}
