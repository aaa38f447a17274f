#include "base/mem.h"
#include "serve/http_inside.h"

/* Up to the next slash; moves behind it. */
static struct dq_slice
next_part(struct dq_slice *path)
{
	const char *slash =
	    path->len ? memchr(path->data, '/', path->len) : NULL;
	struct dq_slice part = {
	    path->data, slash ? (size_t)(slash - path->data) : path->len};
	size_t skip = part.len + (slash != NULL);

	path->data += skip;
	path->len -= skip;
	return part;
}

static bool
matches(const char *pattern, struct dq_slice path,
    struct dq_slice args[DQ_REQUEST_ARGS])
{
	struct dq_slice rest = DQ_SLICE(pattern);
	bool open = path.len && path.data[path.len - 1] == '/';
	int n = 0;

	if (rest.len > 1 && open)
		return false;
	while (rest.len && path.len) {
		struct dq_slice want = next_part(&rest);
		struct dq_slice got = next_part(&path);

		if (want.len && *want.data == '{') {
			if (!got.len)
				return false;
			args[n++] = got;
		} else if (!dq_slice_equal(want, got))
			return false;
	}
	return !rest.len && !path.len;
}

static bool
is_method(struct dq_slice method, const char *row)
{
	return dq_slice_is(method, row) ||
	       (dq_slice_is(method, "HEAD") && !strcmp(row, "GET"));
}

const struct dq_endpoint *
dq_http_route(const struct dq_http *http, struct dq_slice method,
    struct dq_slice path, struct dq_slice args[DQ_REQUEST_ARGS],
    const char **allow)
{
	bool get = false, post = false;

	for (size_t t = 0; t < http->table_count; t++)
		for (const struct dq_endpoint *e = http->tables[t]; e->path;
		     e++) {
			if (!matches(e->path, path, args))
				continue;
			if (is_method(method, e->method))
				return e;
			get = get || !strcmp(e->method, "GET");
			post = post || !strcmp(e->method, "POST");
		}
	*allow = get && post ? "GET, HEAD, POST"
		 : get	     ? "GET, HEAD"
		 : post	     ? "POST"
			     : NULL;
	return NULL;
}

void
dq_http_add(struct dq_http *http, const struct dq_endpoint *table)
{
	http->tables = dq_realloc_array(http->tables, http->table_count + 1,
	    sizeof(const struct dq_endpoint *));
	http->tables[http->table_count++] = table;
}

const struct dq_endpoint *
dq_http_endpoint(const struct dq_http *http, size_t number)
{
	for (size_t t = 0; t < http->table_count; t++)
		for (const struct dq_endpoint *e = http->tables[t]; e->path;
		     e++)
			if (!number--)
				return e;
	return NULL;
}
