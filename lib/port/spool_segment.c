#include "port/spool_segment.h"

#include "base/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct head {
	char magic[8];
	uint64_t base;
	uint64_t hash;
	uint64_t none;
};

/* The hash is of all behind it, seeded with the position: what is left of
 * older bytes is no entry. */
struct entry {
	uint32_t size; /* with padding; written last */
	uint32_t topic;
	uint64_t hash;
	uint32_t key;
	uint32_t line;
	int32_t partition;
	uint32_t none;
};

_Static_assert(sizeof(struct head) == DQ_SEGMENT_HEAD, "head");
_Static_assert(sizeof(struct entry) == 32, "entry");

#define BEHIND_HASH offsetof(struct entry, key)

const char *
dq_segment_path(struct dq_buf *path, const char *directory, uint64_t base)
{
	path->len = 0;
	dq_buf_printf(
	    path, "%s/%020llu.log", directory, (unsigned long long)base);
	return dq_buf_text(path);
}

static struct head
head_of(uint64_t base)
{
	struct head head = {.magic = "dqspool1", .base = base};

	head.hash = dq_hash((struct dq_slice){(char *)&head, 16}, base);
	return head;
}

static bool
no_room(int error)
{
	return error == ENOSPC || error == EDQUOT || error == EFBIG;
}

enum dq_spool_put
dq_segment_create(struct dq_segment *segment, const char *directory,
    uint64_t base, size_t size, struct dq_err *err)
{
	struct head head = head_of(base);
	struct dq_buf path = {0};
	int fd, error;

	dq_segment_path(&path, directory, base);
	fd = open(path.data, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	error = fd < 0 ? errno : posix_fallocate(fd, 0, (off_t)size);
	*segment = (struct dq_segment){.base = base, .size = size};
	if (!error) {
		segment->bytes =
		    mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		if (segment->bytes == MAP_FAILED)
			error = errno;
	}
	if (fd >= 0)
		close(fd);
	if (error) {
		segment->bytes = NULL;
		unlink(path.data);
		dq_err_code(err, DQ_EXIT_IO, "%s: cannot make: %s", path.data,
		    strerror(error));
	} else
		memcpy(segment->bytes, &head, sizeof(head));
	dq_buf_release(&path);
	return !error		? DQ_SPOOL_OK
	       : no_room(error) ? DQ_SPOOL_FULL
				: DQ_SPOOL_FAILED;
}

static bool
has_head(const struct dq_segment *segment)
{
	struct head head = head_of(segment->base);

	return segment->size >= sizeof(head) &&
	       !memcmp(segment->bytes, &head, sizeof(head));
}

bool
dq_segment_map(struct dq_segment *segment, const char *directory, uint64_t base,
    struct dq_err *err)
{
	struct dq_buf path = {0};
	struct stat info = {0};
	bool good = true;
	int fd;

	dq_segment_path(&path, directory, base);
	fd = open(path.data, O_RDWR | O_CLOEXEC);
	*segment = (struct dq_segment){.base = base};
	if (fd < 0 || fstat(fd, &info) < 0)
		good = dq_err_code(
		    err, DQ_EXIT_IO, "%s: cannot read: %m", path.data);
	else if (info.st_size >= (off_t)sizeof(struct head)) {
		segment->size = (size_t)info.st_size;
		segment->bytes = mmap(NULL, segment->size,
		    PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		if (segment->bytes == MAP_FAILED) {
			segment->bytes = NULL;
			good = dq_err_code(
			    err, DQ_EXIT_IO, "%s: cannot map: %m", path.data);
		}
	}
	if (fd >= 0)
		close(fd);
	if (good && !has_head(segment)) {
		dq_segment_unmap(segment);
		good = dq_err_code(
		    err, DQ_EXIT_OK, "%s: not the head of a spool", path.data);
	}
	dq_buf_release(&path);
	return good;
}

void
dq_segment_unmap(struct dq_segment *segment)
{
	if (segment->bytes)
		munmap(segment->bytes, segment->size);
	segment->bytes = NULL;
}

size_t
dq_segment_entry_size(const struct dq_spool_entry *entry)
{
	return (sizeof(struct entry) + entry->topic.len + entry->key.len +
		   entry->line.len + 7) &
	       ~(size_t)7;
}

static uint64_t
hash_of(const char *at, size_t size, uint64_t position)
{
	return dq_hash(
	    (struct dq_slice){at + BEHIND_HASH, size - BEHIND_HASH}, position);
}

static char *
append(char *at, struct dq_slice bytes)
{
	if (bytes.len)
		memcpy(at, bytes.data, bytes.len);
	return at + bytes.len;
}

void
dq_segment_write(struct dq_segment *segment, uint64_t position,
    const struct dq_spool_entry *entry)
{
	char *at =
	    segment->bytes + DQ_SEGMENT_HEAD + (position - segment->base);
	char *end = at + sizeof(struct entry);
	size_t size = dq_segment_entry_size(entry);
	struct entry head = {.topic = (uint32_t)entry->topic.len,
	    .key = (uint32_t)entry->key.len,
	    .line = (uint32_t)entry->line.len,
	    .partition = entry->partition};

	memcpy(at, &head, sizeof(head));
	end = append(end, entry->topic);
	end = append(end, entry->key);
	end = append(end, entry->line);
	memset(end, 0, size - (size_t)(end - at));
	head.hash = hash_of(at, size, position);
	memcpy(
	    at + offsetof(struct entry, hash), &head.hash, sizeof(head.hash));
	__atomic_store_n(
	    (uint32_t *)(void *)at, (uint32_t)size, __ATOMIC_RELEASE);
}

size_t
dq_segment_read(const struct dq_segment *segment, uint64_t position,
    struct dq_spool_entry *entry)
{
	uint64_t offset = DQ_SEGMENT_HEAD + (position - segment->base);
	const char *at = segment->bytes + offset;
	struct entry head;
	uint64_t wanted;

	if (position < segment->base || position % 8 ||
	    offset > segment->size || segment->size - offset < sizeof(head))
		return 0;
	memcpy(&head, at, sizeof(head));
	wanted = (uint64_t)sizeof(head) + head.topic + head.key + head.line;
	if (head.size < sizeof(head) || head.size > segment->size - offset ||
	    head.size != ((wanted + 7) & ~UINT64_C(7)) ||
	    head.hash != hash_of(at, head.size, position))
		return 0;
	entry->partition = head.partition;
	entry->topic = (struct dq_slice){at + sizeof(head), head.topic};
	entry->key =
	    (struct dq_slice){entry->topic.data + head.topic, head.key};
	entry->line = (struct dq_slice){entry->key.data + head.key, head.line};
	return head.size;
}

size_t
dq_segment_rest(const struct dq_segment *segment, uint64_t position)
{
	uint64_t offset = DQ_SEGMENT_HEAD + (position - segment->base);
	size_t end = segment->size;

	while (end > offset && !segment->bytes[end - 1])
		end--;
	return end > offset ? end - offset : 0;
}
