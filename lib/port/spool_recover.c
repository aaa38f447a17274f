#include "port/spool_inside.h"

#include "base/mem.h"
#include "base/num.h"
#include "base/replace.h"
#include "record/json.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define POSITION_LIMIT 4096

bool
dq_spool_note(struct dq_spool *spool, struct dq_err *err)
{
	struct dq_buf path = {0}, text = {0};
	bool good;

	dq_buf_printf(&path, "%s/position", spool->directory);
	dq_buf_byte(&text, '{');
	dq_buf_member_int(&text, "spool", 1);
	dq_buf_member_str(&text, "to", spool->to);
	dq_buf_member_int(
	    &text, "delivered", (int64_t)spool->delivered.position);
	dq_buf_str(&text, "}\n");
	good = dq_file_replace(dq_buf_text(&path), dq_buf_view(&text), err) ||
	       dq_err_code(err, DQ_EXIT_IO, "%s", err->text);
	spool->noted = spool->delivered.position;
	dq_buf_release(&path);
	dq_buf_release(&text);
	return good;
}

/* -1: there is none. */
static ssize_t
read_position(struct dq_spool *spool, char *text, size_t size)
{
	struct dq_buf path = {0};
	ssize_t n;
	int fd;

	dq_buf_printf(&path, "%s/position", spool->directory);
	fd = open(dq_buf_text(&path), O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, size);
	if (fd >= 0)
		close(fd);
	dq_buf_release(&path);
	return n;
}

/* Where delivery stands; what is for somebody else is left in `to`. */
static bool
load_position(struct dq_spool *spool, struct dq_buf *to, struct dq_err *err)
{
	char text[POSITION_LIMIT];
	ssize_t n = read_position(spool, text, sizeof(text));
	struct yyjson_doc *doc = NULL;
	struct yyjson_val *root = NULL;
	int64_t version = 0, delivered = -1;
	bool good = true;

	if (n < 0 && errno == ENOENT)
		return true;
	if (n > 0)
		doc = dq_json_parse((struct dq_slice){text, (size_t)n}, err);
	if (doc)
		root = dq_json_root(doc);
	if (!root || !dq_json_int(dq_json_get(root, "spool"), &version) ||
	    version != 1 ||
	    !dq_json_int(dq_json_get(root, "delivered"), &delivered) ||
	    delivered < 0 || delivered % 8)
		good = dq_err_code(err, DQ_EXIT_IO,
		    "%s/position: not what a spool of this version leaves: "
		    "move the directory away, or take its version of dq",
		    spool->directory);
	else {
		spool->delivered.position = (uint64_t)delivered;
		dq_buf_slice(to, dq_json_text(dq_json_get(root, "to")));
	}
	dq_json_free(doc);
	return good;
}

static int
by_base(const void *a, const void *b)
{
	uint64_t x = ((const struct dq_spool_segment *)a)->base;
	uint64_t y = ((const struct dq_spool_segment *)b)->base;

	return x < y ? -1 : x > y;
}

/* "00000000000000000000.log" */
static bool
read_name(const char *name, uint64_t *base)
{
	int64_t number;

	if (strlen(name) != 24 || strcmp(name + 20, ".log") != 0 ||
	    strspn(name, "0123456789") != 20)
		return false;
	while (*name == '0' && name[1] != '.')
		name++;
	if (!dq_num_int((struct dq_slice){name, strcspn(name, ".")}, &number))
		return false;
	*base = (uint64_t)number;
	return true;
}

static bool
list_segments(struct dq_spool *spool, struct dq_err *err)
{
	DIR *dir = opendir(spool->directory);
	struct dirent *file;
	uint64_t base;

	if (!dir)
		return dq_err_code(
		    err, DQ_EXIT_IO, "%s: cannot read: %m", spool->directory);
	while ((file = readdir(dir))) {
		if (!read_name(file->d_name, &base))
			continue;
		spool->segments = dq_realloc_array(spool->segments,
		    spool->segment_count + 1, sizeof(*spool->segments));
		spool->segments[spool->segment_count++] =
		    (struct dq_spool_segment){base, false};
	}
	closedir(dir);
	if (spool->segment_count)
		qsort(spool->segments, spool->segment_count,
		    sizeof(*spool->segments), by_base);
	return true;
}

/* Files of what was delivered long ago. */
static void
drop_delivered(struct dq_spool *spool)
{
	struct dq_buf path = {0};
	size_t n = 0;

	while (n + 1 < spool->segment_count &&
	       spool->segments[n + 1].base <= spool->delivered.position)
		unlink(dq_segment_path(
		    &path, spool->directory, spool->segments[n++].base));
	spool->segment_count -= n;
	if (n)
		memmove(spool->segments, spool->segments + n,
		    spool->segment_count * sizeof(*spool->segments));
	dq_buf_release(&path);
}

/* Bytes that are no entries are kept for whoever wants to look. */
static size_t
cut(struct dq_spool *spool, struct dq_segment *segment, uint64_t position)
{
	size_t rest = dq_segment_rest(segment, position);
	char *at =
	    segment->bytes + DQ_SEGMENT_HEAD + (position - segment->base);
	struct dq_buf path = {0};
	struct dq_err err;

	if (!rest)
		return 0;
	dq_buf_printf(&path, "%s/%020llu.cut", spool->directory,
	    (unsigned long long)position);
	if (!dq_file_replace(
		dq_buf_text(&path), (struct dq_slice){at, rest}, &err))
		dq_warn("--spool", "%s", err.text);
	memset(at, 0, rest);
	dq_buf_release(&path);
	return rest;
}

/* Segments behind the end, and one without a head. */
static size_t
set_aside(struct dq_spool *spool, size_t from)
{
	struct dq_buf path = {0}, aside = {0};
	size_t count = spool->segment_count - from;

	for (size_t i = from; i < spool->segment_count; i++) {
		dq_segment_path(
		    &path, spool->directory, spool->segments[i].base);
		aside.len = 0;
		dq_buf_printf(&aside, "%.*s.cut", (int)path.len - 4, path.data);
		rename(path.data, dq_buf_text(&aside));
	}
	spool->segment_count = from;
	dq_buf_release(&path);
	dq_buf_release(&aside);
	return count;
}

/* Reads the entries of a segment from `end` on, which it moves. */
static void
count_entries(struct dq_spool *spool, const struct dq_segment *segment)
{
	struct dq_spool_entry entry;
	size_t n;

	while ((n = dq_segment_read(segment, spool->end.position, &entry))) {
		spool->end.position += n;
		spool->end.number++;
	}
}

/* From the first entry that was not delivered to the last whole one. */
static bool
find_end(struct dq_spool *spool, struct dq_err *err)
{
	size_t torn = 0, lost = 0, i = 0;

	spool->end.position = spool->delivered.position;
	if (spool->segment_count &&
	    spool->segments[0].base > spool->delivered.position)
		return dq_err_code(err, DQ_EXIT_IO,
		    "%s: entries from %llu on are missing: put back their "
		    "file, or move the directory away",
		    spool->directory,
		    (unsigned long long)spool->delivered.position);
	for (; i < spool->segment_count; i++) {
		bool last = i + 1 == spool->segment_count;

		dq_segment_unmap(&spool->writing);
		if (!dq_segment_map(&spool->writing, spool->directory,
			spool->segments[i].base, err)) {
			if (err->code)
				return false;
			break; /* the next one begins where this would */
		}
		count_entries(spool, &spool->writing);
		if (last ||
		    spool->end.position != spool->segments[i + 1].base) {
			torn = cut(spool, &spool->writing, spool->end.position);
			i++;
			break;
		}
	}
	lost = set_aside(spool, i);
	if (torn || lost)
		dq_warn("--spool",
		    "%s: torn behind byte %llu, as by a crash: %zu bytes and "
		    "%zu files were cut off and are kept there as *.cut",
		    spool->directory, (unsigned long long)spool->end.position,
		    torn, lost);
	return true;
}

/* Can entries be appended to the segment that is mapped? */
static bool
fits(const struct dq_spool *spool)
{
	const struct dq_segment *s = &spool->writing;

	return s->bytes && spool->segment_count &&
	       spool->end.position - s->base + DQ_SEGMENT_HEAD <= s->size;
}

bool
dq_spool_recover(struct dq_spool *spool, struct dq_err *err)
{
	struct dq_buf to = {0};
	bool good = load_position(spool, &to, err) && list_segments(spool, err);

	if (good) {
		drop_delivered(spool);
		good = find_end(spool, err);
	}
	if (good && spool->end.number &&
	    !dq_slice_is(dq_buf_view(&to), spool->to))
		good = dq_err_code(err, DQ_EXIT_USAGE,
		    "%s: %lld records in it are for kafka:%.*s: send those "
		    "first, or take another directory",
		    spool->directory, (long long)spool->end.number, (int)to.len,
		    to.data);
	dq_buf_release(&to);
	spool->synced = spool->taken.position = spool->delivered.position;
	if (!good || !dq_spool_note(spool, err))
		return false;
	if (fits(spool))
		return true;
	return dq_spool_roll(spool, 0, err) == DQ_SPOOL_OK;
}
