#include "run/pseudonyms.h"

#include "base/lock.h"
#include "base/mem.h"
#include "record/digest.h"
#include "run/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define LIMIT ((size_t)64 << 30)
#define HELD (64u << 10)

static _Noreturn void
die(const char *path)
{
	dq_die(DQ_EXIT_IO, path, "%s", strerror(errno));
}

/* Opens and locks what is at the path, not what was there before. */
static int
open_locked(const char *path)
{
	struct stat here, there;

	for (;;) {
		int fd =
		    open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

		if (fd < 0)
			dq_die(DQ_EXIT_USAGE, path, "%s", strerror(errno));
		if (!dq_lock_file(fd))
			dq_die(DQ_EXIT_USAGE, path,
			    "in use by another process: one at a time");
		if (fstat(fd, &here) == 0 && stat(path, &there) == 0 &&
		    here.st_ino == there.st_ino)
			return fd;
		close(fd);
	}
}

static char *
name_of(struct dq_pseudonyms *p, struct dq_slice customer, bool *known)
{
	uint32_t count = p->customers.count;
	uint32_t number = dq_map_put(&p->customers, customer);

	*known = number < count;
	if (number >= p->cap) {
		p->cap = (size_t)number * 2 + 64;
		p->names =
		    dq_realloc_array(p->names, p->cap, sizeof(*p->names));
	}
	return p->names[number];
}

static bool
read_line(struct dq_pseudonyms *p, struct dq_slice line)
{
	struct dq_err err;
	struct yyjson_doc *doc = dq_json_parse(line, &err);
	struct yyjson_val *root = doc ? dq_json_root(doc) : NULL;
	struct dq_slice customer =
	    dq_json_text(dq_json_get(root, "customer_id"));
	struct dq_slice name = dq_json_text(dq_json_get(root, "pseudonym"));
	bool good = name.len == DQ_PSEUDONYM, known;

	if (good)
		memcpy(name_of(p, customer, &known), name.data, name.len);
	dq_json_free(doc);
	return good && !known;
}

static void
read_file(struct dq_pseudonyms *p)
{
	struct dq_buf bytes = {0};
	size_t at = 0, number = 0;

	dq_file_read(p->path, LIMIT, &bytes);
	while (at < bytes.len) {
		char *end = memchr(bytes.data + at, '\n', bytes.len - at);

		if (!end)
			break;
		number++;
		if (!read_line(p, (struct dq_slice){bytes.data + at,
				      (size_t)(end - bytes.data) - at}))
			dq_die(DQ_EXIT_USAGE, p->path,
			    "line %zu is no customer_id with a pseudonym, or "
			    "one that is there before",
			    number);
		at = (size_t)(end - bytes.data) + 1;
	}
	if (at < bytes.len && ftruncate(p->fd, (off_t)at) < 0)
		die(p->path);
	dq_buf_release(&bytes);
}

void
dq_pseudonyms_open(struct dq_pseudonyms *p, const char *path)
{
	*p = (struct dq_pseudonyms){.path = path, .fd = open_locked(path)};
	read_file(p);
}

void
dq_pseudonyms_close(struct dq_pseudonyms *p)
{
	if (!p->path)
		return;
	close(p->fd);
	dq_map_release(&p->customers);
	free(p->names);
	free(p->places);
	dq_buf_release(&p->fresh);
	dq_buf_release(&p->held);
}

static void
put_line(struct dq_buf *buf, struct dq_slice customer, const char *name)
{
	dq_buf_byte(buf, '{');
	dq_buf_member_text(buf, "customer_id", customer);
	dq_buf_member_text(
	    buf, "pseudonym", (struct dq_slice){name, DQ_PSEUDONYM});
	dq_buf_str(buf, "}\n");
}

static void
make_name(char *name)
{
	unsigned char bytes[16];
	char text[DQ_PSEUDONYM];

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		die("random numbers");
	dq_hex(bytes, sizeof(bytes), text);
	name[0] = 'P';
	memcpy(name + 1, text, DQ_PSEUDONYM - 1);
}

static void
note_place(struct dq_pseudonyms *p, const struct dq_place *place)
{
	if (p->held_count == p->held_cap) {
		p->held_cap = p->held_cap * 2 + 64;
		p->places = dq_realloc_array(
		    p->places, p->held_cap, sizeof(*p->places));
	}
	p->places[p->held_count] = *place;
	p->places[p->held_count++].key = (struct dq_slice){NULL, 0};
}

void
dq_pseudonyms_record(
    struct dq_pseudonyms *p, const struct dq_record *record, struct dq_out *out)
{
	struct dq_slice line = record->line;
	struct dq_slice raw = dq_record_raw(record, DQ_CUSTOMER_ID);
	size_t before = raw.len ? (size_t)(raw.data - line.data) : line.len;
	char *name = NULL;
	bool known = true;

	if (raw.len)
		name = name_of(p, record->customer_id, &known);
	if (!known) {
		make_name(name);
		put_line(&p->fresh, record->customer_id, name);
	}
	dq_buf_add(&p->held, line.data, before);
	if (name) {
		dq_buf_byte(&p->held, '"');
		dq_buf_add(&p->held, name, DQ_PSEUDONYM);
		dq_buf_byte(&p->held, '"');
		dq_buf_add(
		    &p->held, raw.data + raw.len, line.len - before - raw.len);
	}
	dq_buf_byte(&p->held, '\n');
	/* The key of a message, or none, behind each line. */
	dq_buf_add(&p->held, name ? name : "", name ? DQ_PSEUDONYM : 0);
	dq_buf_byte(&p->held, '\n');
	note_place(p, &record->place);
	if (p->held.len >= HELD)
		dq_pseudonyms_flush(p, out);
}

static void
keep_fresh(struct dq_pseudonyms *p)
{
	for (size_t at = 0; at < p->fresh.len;) {
		ssize_t n = write(p->fd, p->fresh.data + at, p->fresh.len - at);

		if (n < 0 && errno != EINTR)
			die(p->path);
		at += n > 0 ? (size_t)n : 0;
	}
	if (p->fresh.len && fdatasync(p->fd) < 0)
		die(p->path);
	p->fresh.len = 0;
}

static struct dq_slice
take_line(struct dq_slice *rest)
{
	const char *end = memchr(rest->data, '\n', rest->len);
	struct dq_slice line = {rest->data, (size_t)(end - rest->data)};

	rest->data = end + 1;
	rest->len -= line.len + 1;
	return line;
}

void
dq_pseudonyms_flush(struct dq_pseudonyms *p, struct dq_out *out)
{
	struct dq_slice rest = dq_buf_view(&p->held);

	keep_fresh(p);
	for (size_t i = 0; i < p->held_count; i++) {
		struct dq_slice line = take_line(&rest);

		out->place = &p->places[i];
		dq_buf_slice(dq_out_begin(out), line);
		dq_out_end(out, take_line(&rest));
	}
	out->place = NULL;
	p->held.len = p->held_count = 0;
}

bool
dq_pseudonyms_forget(struct dq_pseudonyms *p, struct dq_slice customer,
    char name[DQ_PSEUDONYM + 1])
{
	uint32_t gone = dq_map_get(&p->customers, customer);
	struct dq_buf lines = {0};
	struct dq_err err;

	if (gone == DQ_MAP_NONE)
		return false;
	memcpy(name, p->names[gone], DQ_PSEUDONYM);
	name[DQ_PSEUDONYM] = 0;
	for (uint32_t i = 0; i < p->customers.count; i++)
		if (i != gone)
			put_line(
			    &lines, dq_map_key(&p->customers, i), p->names[i]);
	umask(077);
	if (!dq_file_replace(p->path, dq_buf_view(&lines), &err))
		dq_die(DQ_EXIT_IO, p->path, "%s", err.text);
	dq_buf_release(&lines);
	return true;
}
