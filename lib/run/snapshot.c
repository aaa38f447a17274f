#include "run/snapshot.h"

#include "base/hash.h"
#include "record/json.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The magic, a header line of JSON, then rows {key length, value length, key,
 * value}, an end row of two UINT32_MAX, and a hash of all of it. Lengths are
 * little-endian 32 bit. */
#define MAGIC "dqstate1\n"
#define END_ROW UINT32_MAX
#define BLOCK (1u << 20)

/* One way through a snapshot, in blocks that are hashed in turn. */
struct stream {
	int fd;
	const char *name;
	struct dq_buf buf;
	size_t at; /* reading: next byte of buf */
	uint64_t hash;
	bool failed;
};

static void
stream_flush(struct stream *s)
{
	size_t done = 0;

	s->hash = dq_hash(dq_buf_view(&s->buf), s->hash);
	while (done < s->buf.len && !s->failed) {
		ssize_t n = write(s->fd, s->buf.data + done, s->buf.len - done);

		if (n < 0 && errno != EINTR)
			s->failed = true;
		done += n > 0 ? (size_t)n : 0;
	}
	s->buf.len = 0;
}

static void
stream_put(struct stream *s, const void *bytes, size_t n)
{
	while (n) {
		size_t part = BLOCK - s->buf.len < n ? BLOCK - s->buf.len : n;

		dq_buf_add(&s->buf, bytes, part);
		bytes = (const char *)bytes + part;
		n -= part;
		if (s->buf.len == BLOCK)
			stream_flush(s);
	}
}

static void
put_lengths(struct stream *s, uint32_t key, uint32_t value)
{
	uint32_t lengths[2] = {key, value};

	stream_put(s, lengths, sizeof(lengths));
}

static void
put_header(struct stream *s, const char *tool, const char *version)
{
	struct dq_buf text = {0};

	dq_buf_str(&text, MAGIC "{");
	dq_buf_member_str(&text, "tool", tool);
	dq_buf_member_str(&text, "version", version);
	dq_buf_str(&text, "}\n");
	stream_put(s, text.data, text.len);
	dq_buf_release(&text);
}

static void
put_rows(struct stream *s, const struct dq_filter *filter)
{
	struct dq_buf key = {0}, value = {0};

	for (size_t i = 0, n = filter->rows(filter->state); i < n; i++) {
		key.len = value.len = 0;
		filter->save(filter->state, i, &key, &value);
		put_lengths(s, (uint32_t)key.len, (uint32_t)value.len);
		stream_put(s, key.data, key.len);
		stream_put(s, value.data, value.len);
	}
	put_lengths(s, END_ROW, END_ROW);
	dq_buf_release(&key);
	dq_buf_release(&value);
}

bool
dq_snapshot_write(const char *path, const char *tool, const char *version,
    const struct dq_filter *filter, struct dq_err *err)
{
	struct stream s = {.name = path};
	uint64_t hash;

	s.fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	s.failed = s.fd < 0;
	if (!s.failed) {
		put_header(&s, tool, version);
		put_rows(&s, filter);
		stream_flush(&s);
		hash = s.hash;
		stream_put(&s, &hash, sizeof(hash));
		stream_flush(&s);
	}
	if (!s.failed && fsync(s.fd) < 0)
		s.failed = true;
	if (s.fd >= 0 && close(s.fd) < 0)
		s.failed = true;
	if (s.failed)
		dq_err_set(err, "%s: cannot write: %s", path, strerror(errno));
	dq_buf_release(&s.buf);
	return !s.failed;
}

static _Noreturn void
damaged(const struct stream *s)
{
	dq_die(DQ_EXIT_BROKEN, s->name,
	    "damaged: restore it from a copy, or remove the directory and "
	    "replay the input");
}

/* The block's hash is taken when it is read; the last 8 bytes of the file,
 * which are the hash, come in a block of their own by the file's size. */
static void
stream_fill(struct stream *s, int64_t *left)
{
	size_t want = *left < (int64_t)BLOCK ? (size_t)*left : BLOCK;

	s->at = s->buf.len = 0;
	dq_buf_room(&s->buf, BLOCK);
	while (s->buf.len < want) {
		ssize_t n =
		    read(s->fd, s->buf.data + s->buf.len, want - s->buf.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			damaged(s);
		s->buf.len += (size_t)n;
	}
	*left -= (int64_t)want;
	s->hash = dq_hash(dq_buf_view(&s->buf), s->hash);
}

static void
stream_get(struct stream *s, int64_t *left, struct dq_buf *to, size_t n)
{
	to->len = 0;
	while (to->len < n) {
		size_t part;

		if (s->at == s->buf.len) {
			if (!*left)
				damaged(s);
			stream_fill(s, left);
		}
		part = s->buf.len - s->at < n - to->len ? s->buf.len - s->at
							: n - to->len;
		dq_buf_add(to, s->buf.data + s->at, part);
		s->at += part;
	}
}

static void
check_header(const char *wanted, struct stream *s, int64_t *left)
{
	struct dq_buf text = {0};
	struct dq_err err;
	struct yyjson_doc *doc;
	struct yyjson_val *said;
	struct dq_slice version;

	stream_get(s, left, &text, strlen(MAGIC));
	if (memcmp(text.data, MAGIC, strlen(MAGIC)) != 0)
		dq_die(DQ_EXIT_USAGE, s->name,
		    "not a snapshot of this version of dq: replay the input "
		    "into a new directory");
	text.len = 0;
	for (struct dq_buf byte = {0};; dq_buf_add(&text, byte.data, 1)) {
		stream_get(s, left, &byte, 1);
		if (*byte.data == '\n') {
			dq_buf_release(&byte);
			break;
		}
	}
	doc = dq_json_parse(dq_buf_view(&text), &err);
	said = dq_json_get(doc ? dq_json_root(doc) : NULL, "version");
	if (!yyjson_is_str(said))
		damaged(s);
	version = dq_json_text(said);
	if (!dq_slice_is(version, wanted))
		dq_die(DQ_EXIT_USAGE, s->name,
		    "made with \"%.*s\", now it is \"%s\": use the same "
		    "options, or replay the input into a new directory",
		    (int)version.len, version.data, wanted);
	dq_json_free(doc);
	dq_buf_release(&text);
}

static void
load_rows(struct stream *s, int64_t *left, const struct dq_filter *filter)
{
	struct dq_buf head = {0}, key = {0}, value = {0};
	uint32_t lengths[2];
	struct dq_err err;

	for (;;) {
		stream_get(s, left, &head, sizeof(lengths));
		memcpy(lengths, head.data, sizeof(lengths));
		if (lengths[0] == END_ROW)
			break;
		stream_get(s, left, &key, lengths[0]);
		stream_get(s, left, &value, lengths[1]);
		if (!filter->load(filter->state, dq_buf_view(&key),
			dq_buf_view(&value), &err))
			dq_die(DQ_EXIT_BROKEN, s->name, "%s", err.text);
	}
	dq_buf_release(&head);
	dq_buf_release(&key);
	dq_buf_release(&value);
}

void
dq_snapshot_read(
    const char *path, const char *version, const struct dq_filter *filter)
{
	struct stream s = {.name = path};
	struct stat info;
	int64_t left;
	uint64_t stored;

	s.fd = open(path, O_RDONLY | O_CLOEXEC);
	if (s.fd < 0 || fstat(s.fd, &info) < 0)
		dq_die(DQ_EXIT_BROKEN, path, "cannot open: %m");
	left = info.st_size - (int64_t)sizeof(stored);
	if (left < 0 ||
	    pread(s.fd, &stored, sizeof(stored), left) != sizeof(stored))
		damaged(&s);
	check_header(version, &s, &left);
	load_rows(&s, &left, filter);
	if (left || s.at != s.buf.len || s.hash != stored)
		damaged(&s);
	close(s.fd);
	dq_buf_release(&s.buf);
}
