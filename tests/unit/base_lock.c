/* Who dies is waited for, who stays is not. */
#include "base/lock.h"

#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static char path[] = "/tmp/dq-lock.XXXXXX";
static char name[64];

static bool
take_file(void)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	bool good = dq_lock_file(fd);

	if (!good)
		close(fd);
	return good;
}

static bool
take_name(void)
{
	return dq_lock_name(name) >= 0;
}

/* A process that has it, and is there for so many milliseconds. */
static pid_t
owner(bool (*take)(void), useconds_t milliseconds)
{
	int ready[2];
	char byte;
	pid_t pid;

	if (pipe(ready) < 0 || (pid = fork()) < 0)
		abort();
	if (!pid) {
		if (!take() || write(ready[1], "", 1) != 1)
			_exit(1);
		usleep(milliseconds * 1000);
		_exit(0);
	}
	CHECK(read(ready[0], &byte, 1) == 1);
	close(ready[0]);
	close(ready[1]);
	return pid;
}

static void
both(bool (*take)(void), int taken)
{
	pid_t stays = owner(take, 60000), goes;
	int status;

	errno = 0;
	CHECK(!take());
	CHECK_INT(errno, taken);
	CHECK(kill(stays, SIGKILL) == 0 && waitpid(stays, NULL, 0) == stays);
	goes = owner(take, 300);
	CHECK(take());
	CHECK(waitpid(goes, &status, 0) == goes && status == 0);
}

int
main(void)
{
	int fd = mkstemp(path);

	CHECK(fd >= 0);
	snprintf(name, sizeof(name), "dq unit %ld", (long)getpid());
	both(take_file, EWOULDBLOCK);
	both(take_name, EADDRINUSE);
	CHECK_INT(dq_lock_file(-1), false);
	CHECK_INT(errno, EBADF);
	unlink(path);
	return unit_done();
}
