/* live [-c CONNECTIONS] [-s SECONDS] [-f FRAMES] [-p] ADDRESS:PORT [MESSAGE]
 * Opens WebSockets of /live, sends MESSAGE by each, and prints one JSON object:
 * how many were opened, how many frames came to each, and how many the server
 * closed. Ends after SECONDS, or when each has had FRAMES. With -p they never
 * read what comes. */
#include "base/buf.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/time.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

struct client {
	struct dq_buf got;
	int64_t frames;
	bool open, closed;
};

struct live {
	int64_t connections, seconds, frames;
	bool pause;
	struct sockaddr_in address;
	const char *message;
	struct client *clients;
	struct pollfd *fds;
	int64_t first, last; /* frame, by the steady clock */
};

static _Noreturn void
give_up(const char *what)
{
	fprintf(stderr, "live: %s: %s\n", what, strerror(errno));
	exit(74);
}

static void
say(int fd, const char *bytes, size_t len)
{
	if (send(fd, bytes, len, MSG_NOSIGNAL) != (ssize_t)len)
		give_up("send");
}

static void
open_one(struct live *live, int64_t i)
{
	static const char hello[] =
	    "GET /live HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
	    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
	    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";
	int fd = socket(AF_INET, SOCK_STREAM, 0), small = 4096;

	if (live->pause)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	if (fd < 0 || connect(fd, (struct sockaddr *)&live->address,
			  sizeof(live->address)) < 0)
		give_up("connect");
	live->fds[i] = (struct pollfd){.fd = fd, .events = POLLIN};
	say(fd, hello, sizeof(hello) - 1);
}

/* A text frame with a mask of zeros. */
static void
send_message(const struct live *live, int fd)
{
	struct dq_buf frame = {0};
	size_t n = strlen(live->message);

	if (n > 125)
		give_up("a message of more than 125 bytes");
	dq_buf_byte(&frame, (char)0x81);
	dq_buf_byte(&frame, (char)(0x80 | n));
	dq_buf_add(&frame, "\0\0\0\0", 4);
	dq_buf_add(&frame, live->message, n);
	say(fd, frame.data, frame.len);
	dq_buf_release(&frame);
}

/* The length of the frame that begins there, 0 when it is not whole. */
static size_t
frame_length(const unsigned char *at, size_t len)
{
	size_t n = len > 1 ? at[1] & 127 : 0, head = 2;

	if (n == 126 && len >= 4) {
		n = (size_t)at[2] << 8 | at[3];
		head = 4;
	} else if (n == 127 && len >= 10) {
		n = 0;
		for (int i = 2; i < 10; i++)
			n = n << 8 | at[i];
		head = 10;
	} else if (n > 125)
		return 0;
	return len >= 2 && len >= head + n ? head + n : 0;
}

static void
count_frames(struct live *live, struct client *client)
{
	size_t begin = 0, n;

	while ((n = frame_length((unsigned char *)client->got.data + begin,
		    client->got.len - begin))) {
		if ((client->got.data[begin] & 15) == 1) {
			client->frames++;
			live->last = dq_clock_steady();
			live->first = live->first ? live->first : live->last;
		}
		begin += n;
	}
	memmove(client->got.data, client->got.data + begin,
	    client->got.len - begin);
	client->got.len -= begin;
}

static void
take(struct live *live, int64_t i)
{
	struct client *client = &live->clients[i];
	ssize_t n =
	    recv(live->fds[i].fd, dq_buf_room(&client->got, 65536), 65536, 0);
	const char *end;

	if (n <= 0) {
		client->closed = true;
		live->fds[i].fd = -1;
		return;
	}
	client->got.len += (size_t)n;
	end = memmem(client->got.data, client->got.len, "\r\n\r\n", 4);
	if (!client->open && end) {
		if (strncmp(client->got.data, "HTTP/1.1 101", 12) != 0)
			give_up(client->got.data);
		client->open = true;
		n = end + 4 - client->got.data;
		client->got.len -= (size_t)n;
		memmove(client->got.data, end + 4, client->got.len);
		if (live->message)
			send_message(live, live->fds[i].fd);
		if (live->pause)
			live->fds[i].events = 0;
	}
	if (client->open)
		count_frames(live, client);
}

static bool
is_done(const struct live *live)
{
	for (int64_t i = 0; i < live->connections; i++)
		if (!live->clients[i].closed &&
		    live->clients[i].frames < live->frames)
			return false;
	return live->frames > 0;
}

static void
run(struct live *live)
{
	int64_t end = dq_clock_steady() + live->seconds * DQ_SECOND;

	while (dq_clock_steady() < end && !is_done(live)) {
		poll(live->fds, (nfds_t)live->connections, 100);
		for (int64_t i = 0; i < live->connections; i++)
			if (live->fds[i].revents & POLLIN)
				take(live, i);
			else if (live->fds[i].revents & (POLLHUP | POLLERR)) {
				live->clients[i].closed = true;
				live->fds[i].fd = -1;
			}
	}
}

static void
report(const struct live *live)
{
	int64_t open = 0, closed = 0, all = 0, least = INT64_MAX;

	for (int64_t i = 0; i < live->connections; i++) {
		const struct client *client = &live->clients[i];

		open += client->open;
		closed += client->closed;
		all += client->frames;
		least = client->frames < least ? client->frames : least;
	}
	printf("{\"opened\":%lld,\"closed\":%lld,\"frames\":%lld,"
	       "\"least\":%lld,\"spread_ms\":%.3f}\n",
	    (long long)open, (long long)closed, (long long)all,
	    (long long)least, (double)(live->last - live->first) / 1e3);
}

static void
read_arguments(struct live *live, int argc, char **argv)
{
	int option;
	char *colon;

	while ((option = getopt(argc, argv, "c:s:f:p")) >= 0) {
		int64_t *number = option == 'c'	  ? &live->connections
				  : option == 's' ? &live->seconds
						  : &live->frames;

		if (option == 'p')
			live->pause = true;
		else if (option == '?' || !dq_num_int(DQ_SLICE(optarg), number))
			exit(2);
	}
	colon = optind < argc ? strrchr(argv[optind], ':') : NULL;
	if (!colon)
		exit(2);
	*colon = '\0';
	live->address = (struct sockaddr_in){.sin_family = AF_INET,
	    .sin_port = htons((uint16_t)strtoul(colon + 1, NULL, 10))};
	if (inet_pton(AF_INET, argv[optind], &live->address.sin_addr) != 1)
		exit(2);
	live->message = argv[optind + 1];
}

int
main(int argc, char **argv)
{
	static struct live live = {.connections = 1, .seconds = 10};
	struct rlimit limit;

	read_arguments(&live, argc, argv);
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	live.clients =
	    dq_calloc((size_t)live.connections, sizeof(*live.clients));
	live.fds = dq_calloc((size_t)live.connections, sizeof(*live.fds));
	for (int64_t i = 0; i < live.connections; i++)
		open_one(&live, i);
	run(&live);
	report(&live);
	return 0;
}
