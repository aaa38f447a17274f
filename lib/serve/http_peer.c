#include "serve/http_inside.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define TRIES 100

static int64_t
received(int fd)
{
	struct tcp_info info;
	socklen_t size = sizeof(info);

	return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size)
		   ? -1
		   : (int64_t)info.tcpi_bytes_received;
}

int64_t
dq_http_taken(struct lws *wsi)
{
	int fd = lws_get_socket_fd(wsi), unread = 0;

	/* Until nothing has come between the two questions. */
	for (int i = 0; i < TRIES; i++) {
		int64_t before = received(fd);

		if (before < 0 || ioctl(fd, FIONREAD, &unread) < 0)
			return 0;
		if (before == received(fd))
			return before - unread;
	}
	return 0;
}
