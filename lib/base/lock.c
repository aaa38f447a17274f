#include "base/lock.h"

#include "base/time.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define PATIENCE (2 * DQ_SECOND)
#define PAUSE 20000 /* microseconds */

/* False when it was long enough. */
static bool
wait_for_owner(int64_t until)
{
	int why = errno;

	if (dq_clock_steady() >= until)
		return false;
	usleep(PAUSE);
	errno = why;
	return true;
}

bool
dq_lock_file(int fd)
{
	int64_t until = dq_clock_steady() + PATIENCE;

	while (flock(fd, LOCK_EX | LOCK_NB) < 0)
		if (errno != EWOULDBLOCK || !wait_for_owner(until))
			return false;
	return true;
}

/* A socket in the abstract name space, which leaves no file behind. */
int
dq_lock_name(const char *name)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t len = strnlen(name, sizeof(address.sun_path) - 1);
	socklen_t size =
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + len);
	int64_t until = dq_clock_steady() + PATIENCE;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memcpy(address.sun_path + 1, name, len);
	while (fd >= 0 && bind(fd, (struct sockaddr *)&address, size) < 0)
		if (errno != EADDRINUSE || !wait_for_owner(until)) {
			int why = errno;

			close(fd);
			errno = why;
			return -1;
		}
	return fd;
}
