#include "run/statelog.h"

#include "base/hash.h"
#include "base/mem.h"
#include "base/num.h"
#include "run/state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK (1u << 20)
#define LARGE (INT64_C(64) << 20) /* below it a file is left alone */
#define OFFSET_KEY "@offset"

/* A header line, then rows {key length, value length, key, value}, lengths
 * little-endian 32 bit; behind a row of OFFSET_KEY the hash of all bytes since
 * the one before. */
struct file {
	int32_t partition;
	int fd;
	bool renewing; /* fd is that of the next file */
	struct dq_buf buf;
	uint64_t hash;	    /* of the rows since the last "@offset" */
	int64_t size, base; /* now, and when it was new */
};

struct dq_statelog {
	const char *path;
	const struct dq_statelog_names *names;
	int lock;
	struct file *files;
	size_t count;
	struct dq_buf header;
};

struct dq_statelog *
dq_statelog_open(const char *path, const struct dq_statelog_names *names)
{
	struct dq_statelog *log = dq_calloc(1, sizeof(*log));

	log->path = path;
	log->names = names;
	log->lock = dq_state_lock(path);
	dq_buf_printf(&log->header, "dqlog1 {");
	dq_buf_member_str(&log->header, "tool", names->tool);
	dq_buf_member_str(&log->header, "version", names->version);
	dq_buf_member_str(&log->header, "topic", names->topic);
	dq_buf_member_str(&log->header, "group", names->group);
	dq_buf_str(&log->header, "}\n");
	return log;
}

void
dq_statelog_forget(struct dq_statelog *log)
{
	for (size_t i = 0; i < log->count; i++) {
		close(log->files[i].fd);
		dq_buf_release(&log->files[i].buf);
	}
	free(log->files);
	log->files = NULL;
	log->count = 0;
}

void
dq_statelog_close(struct dq_statelog *log)
{
	if (!log)
		return;
	dq_statelog_forget(log);
	close(log->lock);
	dq_buf_release(&log->header);
	free(log);
}

static struct file *
file_of(const struct dq_statelog *log, int32_t partition)
{
	for (size_t i = 0; i < log->count; i++)
		if (log->files[i].partition == partition)
			return &log->files[i];
	return NULL;
}

static char *
name_of(const struct dq_statelog *log, int32_t partition, const char *end)
{
	struct dq_buf name = {0};

	dq_buf_printf(&name, "%s/%d%s", log->path, partition, end);
	dq_buf_text(&name);
	return name.data;
}

static bool
io_error(const struct dq_statelog *log, int32_t partition, struct dq_err *err)
{
	return dq_err_code(err, DQ_EXIT_IO, "%s/%d: %s", log->path, partition,
	    strerror(errno));
}

static uint64_t
add_row(uint64_t hash, struct dq_slice key, struct dq_slice value)
{
	return dq_hash(value, dq_hash(key, hash) + key.len);
}

/* One row out of `left`; false when there is no whole one. */
static bool
next_row(struct dq_slice *left, struct dq_slice *key, struct dq_slice *value)
{
	uint32_t lengths[2];
	size_t size;

	if (left->len < sizeof(lengths))
		return false;
	memcpy(lengths, left->data, sizeof(lengths));
	size = sizeof(lengths) + (size_t)lengths[0] + lengths[1];
	if (left->len < size)
		return false;
	*key = (struct dq_slice){left->data + sizeof(lengths), lengths[0]};
	*value = (struct dq_slice){key->data + lengths[0], lengths[1]};
	left->data += size;
	left->len -= size;
	return true;
}

/* The next rows that were saved together; false when there are no whole ones
 * any more. Moves `left` behind them. */
static bool
next_saved(struct dq_slice *left, struct dq_slice *rows, int64_t *offset)
{
	struct dq_slice at = *left, key, value;
	uint64_t hash, sum = 0;
	int64_t said;

	while (next_row(&at, &key, &value)) {
		sum = add_row(sum, key, value);
		if (!dq_slice_is(key, OFFSET_KEY))
			continue;
		*rows = (struct dq_slice){
		    left->data, (size_t)(at.data - left->data)};
		if (at.len < sizeof(hash) || !dq_num_int(value, &said))
			return false;
		memcpy(&hash, at.data, sizeof(hash));
		if (hash != sum)
			return false;
		at.data += sizeof(hash);
		at.len -= sizeof(hash);
		*left = at;
		*offset = said;
		return true;
	}
	return false;
}

struct loading {
	struct dq_statelog *log;
	int32_t partition;
	int64_t offset;
	bool (*row)(void *context, int32_t partition, struct dq_slice key,
	    struct dq_slice value, struct dq_err *err);
	void *context;
};

static bool
give_rows(const struct loading *l, struct dq_slice rows, struct dq_err *err)
{
	struct dq_slice key, value;

	while (next_row(&rows, &key, &value))
		if (!l->row(l->context, l->partition, key, value, err))
			return false;
	return true;
}

static bool
other_offset(const struct loading *l, int64_t last, struct dq_err *err)
{
	return dq_err_code(err, DQ_EXIT_USAGE,
	    "%s/%d is of offset %lld, the group begins at %lld: another "
	    "process has moved it on, or one of the two was reset; reset "
	    "both, or use --state kafka:TOPIC, which moves with the partition",
	    l->log->path, l->partition, (long long)last, (long long)l->offset);
}

/* Reads what counts of the file's bytes; *keep: so many of them. */
static bool
read_rows(const struct loading *l, struct dq_slice bytes, size_t *keep,
    struct dq_err *err)
{
	const struct dq_buf *header = &l->log->header;
	struct dq_slice left, rows;
	int64_t offset = -1;
	int saved = 0;

	if (bytes.len < header->len ||
	    memcmp(bytes.data, header->data, header->len) != 0)
		return dq_err_code(err, DQ_EXIT_USAGE,
		    "%s/%d: made by another tool, or with other options, topic "
		    "or group: use the same, or replay the input into a new "
		    "directory",
		    l->log->path, l->partition);
	*keep = header->len;
	left = (struct dq_slice){
	    bytes.data + header->len, bytes.len - header->len};
	while (offset != l->offset && next_saved(&left, &rows, &offset)) {
		if (l->offset < 0 ? ++saved > 1 : offset > l->offset)
			return other_offset(l, offset, err);
		if (l->offset < 0)
			continue; /* died before its first commit */
		if (!give_rows(l, rows, err))
			return false;
		*keep = (size_t)(left.data - bytes.data);
	}
	return l->offset < 0 || offset == l->offset ||
	       other_offset(l, offset, err);
}

static bool
write_all(int fd, struct dq_slice bytes)
{
	while (bytes.len) {
		ssize_t n = write(fd, bytes.data, bytes.len);

		if (n < 0 && errno != EINTR)
			return false;
		bytes.data += n > 0 ? n : 0;
		bytes.len -= n > 0 ? (size_t)n : 0;
	}
	return true;
}

/* Opens or makes the file and reads it; it ends behind what counts. */
static bool
read_file(const struct loading *l, struct file *file, struct dq_err *err)
{
	const struct dq_statelog *log = l->log;
	char *name = name_of(log, l->partition, "");
	struct stat info;
	size_t keep = 0;
	bool good;

	file->fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	free(name);
	if (file->fd < 0 || fstat(file->fd, &info) < 0)
		return io_error(log, l->partition, err);
	if (info.st_size == 0 && l->offset >= 0)
		return other_offset(l, -1, err);
	if (info.st_size > 0) {
		size_t size = (size_t)info.st_size;
		void *map =
		    mmap(NULL, size, PROT_READ, MAP_PRIVATE, file->fd, 0);

		if (map == MAP_FAILED)
			return io_error(log, l->partition, err);
		good = read_rows(l, (struct dq_slice){map, size}, &keep, err);
		munmap(map, size);
		if (!good)
			return false;
	}
	file->size = file->base = (int64_t)keep;
	if (ftruncate(file->fd, file->size) < 0 ||
	    lseek(file->fd, 0, SEEK_END) < 0 ||
	    (!keep && !write_all(file->fd, dq_buf_view(&log->header))))
		return io_error(log, l->partition, err);
	return true;
}

bool
dq_statelog_load(struct dq_statelog *log, int32_t partition, int64_t offset,
    bool (*row)(void *context, int32_t partition, struct dq_slice key,
	struct dq_slice value, struct dq_err *err),
    void *context, struct dq_err *err)
{
	const struct loading loading = {log, partition, offset, row, context};
	struct file file = {.partition = partition};

	if (!read_file(&loading, &file, err))
		return false;
	log->files = dq_realloc_array(log->files, log->count + 1, sizeof(file));
	log->files[log->count++] = file;
	return true;
}

static bool
flush(struct dq_statelog *log, struct file *file, struct dq_err *err)
{
	if (!write_all(file->fd, dq_buf_view(&file->buf)))
		return io_error(log, file->partition, err);
	file->size += (int64_t)file->buf.len;
	file->buf.len = 0;
	return true;
}

/* The new file is whole and durable: it takes the name of the old one. */
static bool
take_place(struct dq_statelog *log, struct file *file, struct dq_err *err)
{
	char *from = name_of(log, file->partition, ".new");
	char *to = name_of(log, file->partition, "");
	bool good = rename(from, to) == 0;
	int dir = open(log->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	good = good && dir >= 0 && fsync(dir) == 0;
	if (!good)
		io_error(log, file->partition, err);
	if (dir >= 0)
		close(dir);
	free(from);
	free(to);
	file->renewing = false;
	file->base = file->size;
	return good;
}

static bool
save(struct dq_statelog *log, struct file *file, struct dq_err *err)
{
	dq_buf_add(&file->buf, &file->hash, sizeof(file->hash));
	file->hash = 0;
	if (!flush(log, file, err))
		return false;
	if (fdatasync(file->fd) < 0)
		return io_error(log, file->partition, err);
	return !file->renewing || take_place(log, file, err);
}

bool
dq_statelog_put(struct dq_statelog *log, int32_t partition, struct dq_slice key,
    struct dq_slice value, struct dq_err *err)
{
	const uint32_t lengths[2] = {(uint32_t)key.len, (uint32_t)value.len};
	struct file *file = file_of(log, partition);

	if (!file)
		return dq_err_code(err, DQ_EXIT_BROKEN,
		    "%s/%d: written before it was loaded", log->path,
		    partition);
	dq_buf_add(&file->buf, lengths, sizeof(lengths));
	dq_buf_slice(&file->buf, key);
	dq_buf_slice(&file->buf, value);
	file->hash = add_row(file->hash, key, value);
	if (dq_slice_is(key, OFFSET_KEY))
		return save(log, file, err);
	return file->buf.len < BLOCK || flush(log, file, err);
}

bool
dq_statelog_large(const struct dq_statelog *log, int32_t partition)
{
	const struct file *file = file_of(log, partition);
	const char *limit = getenv("DQ_STATE_LARGE");
	int64_t large = LARGE;

	if (limit)
		dq_num_int(DQ_SLICE(limit), &large);
	return file && file->size > large && file->size / 4 > file->base;
}

bool
dq_statelog_renew(
    struct dq_statelog *log, int32_t partition, struct dq_err *err)
{
	struct file *file = file_of(log, partition);
	char *name = name_of(log, partition, ".new");
	int fd = open(name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

	free(name);
	if (fd < 0)
		return io_error(log, partition, err);
	close(file->fd);
	file->fd = fd;
	file->renewing = true;
	file->size = 0;
	dq_buf_slice(&file->buf, dq_buf_view(&log->header));
	return true;
}
