#include "run/slots.h"

#include "base/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

int64_t
dq_slot_claim(const char *directory, struct dq_err *err)
{
	struct dq_buf path = {0};
	int64_t slot = -1;
	int fd = 0;

	if (mkdir(directory, 0777) < 0 && errno != EEXIST)
		dq_err_code(
		    err, DQ_EXIT_USAGE, "%s: cannot make it: %m", directory);
	else
		dq_err_code(err, DQ_EXIT_RETRY, "%s: all %d slots are taken",
		    directory, DQ_SLOTS_MAX);
	for (int64_t i = 0; i < DQ_SLOTS_MAX && slot < 0 && fd >= 0; i++) {
		path.len = 0;
		dq_buf_printf(&path, "%s/%lld", directory, (long long)i);
		fd = open(
		    dq_buf_text(&path), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
		if (fd < 0)
			dq_err_code(err, DQ_EXIT_USAGE, "%s: cannot open: %m",
			    path.data);
		else if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			slot = i; /* fd stays open: the lock is its */
		else
			close(fd);
	}
	dq_buf_release(&path);
	return slot;
}
