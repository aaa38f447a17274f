/* load [-c CONNECTIONS] [-s SECONDS] [-r RATE] [-t TOKEN] ADDRESS:PORT METHOD
 *     PATH [BODIES]
 * Asks again and again over connections that are kept, each as soon as it has
 * its answer, or with -r so that all together ask RATE times a second, and
 * prints one JSON object: requests a second, and how long an answer took; with
 * -r since it was due to be asked, so that a server that stalls is not spared
 * the questions it kept from being asked. BODIES is a file with a body a line,
 * sent in turn. Exit 1 when any answer was not 2xx. */
#include "base/buf.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/time.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define SAMPLES_MAX (8u << 20)
#define ANSWER_MAX (8u << 20)

struct client {
	int fd;
	bool waits;    /* until `asked` */
	int64_t asked; /* or due to be */
	struct dq_buf answer;
};

struct load {
	int64_t connections, seconds, rate;
	const char *token, *method, *path;
	struct sockaddr_in address;
	struct dq_buf *requests; /* whole ones, sent in turn */
	size_t request_count, next;
	struct client *clients;
	int epoll;
	uint32_t *samples; /* microseconds */
	size_t count;
	int64_t bad;
};

static _Noreturn void
give_up(const char *what)
{
	fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
	exit(74);
}

static void
add_request(struct load *load, const char *body, size_t len)
{
	struct dq_buf *request;

	load->requests = dq_realloc_array(
	    load->requests, load->request_count + 1, sizeof(*load->requests));
	request = &load->requests[load->request_count++];
	*request = (struct dq_buf){0};
	dq_buf_printf(request, "%s %s HTTP/1.1\r\nHost: localhost\r\n",
	    load->method, load->path);
	if (load->token)
		dq_buf_printf(
		    request, "Authorization: Bearer %s\r\n", load->token);
	if (!strcmp(load->method, "POST"))
		dq_buf_printf(request,
		    "Content-Type: application/json\r\nContent-Length: "
		    "%zu\r\n",
		    len);
	dq_buf_str(request, "\r\n");
	dq_buf_add(request, body, len);
}

static void
add_requests(struct load *load, const char *path)
{
	FILE *file = path ? fopen(path, "r") : NULL;
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;

	if (path && !file)
		give_up(path);
	if (!path)
		add_request(load, "", 0);
	while (file && (n = getline(&line, &cap, file)) > 0)
		add_request(load, line, (size_t)n - (line[n - 1] == '\n'));
	free(line);
	if (file)
		fclose(file);
}

static void
ask(struct load *load, struct client *client)
{
	const struct dq_buf *request =
	    &load->requests[load->next++ % load->request_count];
	size_t sent = 0;

	client->answer.len = 0;
	client->waits = false;
	if (!load->rate)
		client->asked = dq_clock_steady();
	while (sent < request->len) {
		ssize_t n = send(client->fd, request->data + sent,
		    request->len - sent, MSG_NOSIGNAL);

		if (n < 0)
			give_up("send");
		sent += (size_t)n;
	}
}

static void
connect_all(struct load *load)
{
	int yes = 1;

	load->epoll = epoll_create1(0);
	load->clients =
	    dq_calloc((size_t)load->connections, sizeof(*load->clients));
	for (int64_t i = 0; i < load->connections; i++) {
		struct client *client = &load->clients[i];
		struct epoll_event event = {
		    .events = EPOLLIN, .data.ptr = client};

		client->fd = socket(AF_INET, SOCK_STREAM, 0);
		if (client->fd < 0 ||
		    connect(client->fd, (struct sockaddr *)&load->address,
			sizeof(load->address)) < 0)
			give_up("connect");
		setsockopt(
		    client->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
		epoll_ctl(load->epoll, EPOLL_CTL_ADD, client->fd, &event);
	}
}

/* Is the whole answer there? */
static bool
is_whole(const struct dq_buf *answer)
{
	const char *end = memmem(answer->data, answer->len, "\r\n\r\n", 4);
	const char *length;

	if (!end)
		return false;
	length = memmem(
	    answer->data, (size_t)(end - answer->data), "Content-Length: ", 16);
	if (!length)
		give_up("an answer without length");
	return answer->len - (size_t)(end + 4 - answer->data) >=
	       strtoul(length + 16, NULL, 10);
}

static void
take(struct load *load, struct client *client)
{
	struct dq_buf *answer = &client->answer;
	ssize_t n = recv(client->fd, dq_buf_room(answer, 65536), 65536, 0);

	if (n <= 0)
		give_up("the server closed a connection");
	answer->len += (size_t)n;
	if (answer->len > ANSWER_MAX)
		give_up("an answer without end");
	if (!is_whole(answer))
		return;
	if (answer->data[9] != '2' && !load->bad++)
		fprintf(stderr, "%.*s\n", (int)answer->len, answer->data);
	if (load->count < SAMPLES_MAX)
		load->samples[load->count++] =
		    (uint32_t)(dq_clock_steady() - client->asked);
	if (load->rate) {
		client->asked += load->connections * DQ_SECOND / load->rate;
		client->waits = true;
	} else
		ask(load, client);
}

/* Asks what is due; how long until the next is, in milliseconds. */
static int
ask_due(struct load *load)
{
	int64_t now = dq_clock_steady(), next = now + DQ_SECOND;

	for (int64_t i = 0; i < load->connections; i++) {
		struct client *client = &load->clients[i];

		if (client->waits && client->asked <= now)
			ask(load, client);
		else if (client->waits && client->asked < next)
			next = client->asked;
	}
	return (int)((next - now) / 1000);
}

static double
run(struct load *load)
{
	struct epoll_event events[256];
	int64_t begin = dq_clock_steady(),
		end = begin + load->seconds * DQ_SECOND;

	for (int64_t i = 0; i < load->connections; i++) {
		load->clients[i].waits = true;
		load->clients[i].asked =
		    begin + (load->rate ? i * DQ_SECOND / load->rate : 0);
	}
	while (dq_clock_steady() < end) {
		int n = epoll_wait(load->epoll, events, 256, ask_due(load));

		for (int i = 0; i < n; i++)
			take(load, events[i].data.ptr);
	}
	return (double)(dq_clock_steady() - begin) / 1e6;
}

static int
by_time(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static double
milliseconds(const struct load *load, double share)
{
	size_t i = (size_t)(share * (double)load->count);

	return load->samples[i < load->count ? i : load->count - 1] / 1e3;
}

static void
report(struct load *load, double seconds)
{
	if (!load->count)
		give_up("no answer at all");
	qsort(load->samples, load->count, sizeof(*load->samples), by_time);
	printf("{\"path\":\"%s\",\"connections\":%lld,\"requests\":%zu,"
	       "\"per_second\":%.0f,\"p50_ms\":%.3f,\"p99_ms\":%.3f,"
	       "\"max_ms\":%.3f,\"bad\":%lld}\n",
	    load->path, (long long)load->connections, load->count,
	    (double)load->count / seconds, milliseconds(load, 0.5),
	    milliseconds(load, 0.99), milliseconds(load, 1),
	    (long long)load->bad);
}

static void
read_address(struct load *load, char *text)
{
	char *colon = strrchr(text, ':');

	if (!colon)
		give_up(text);
	*colon = '\0';
	load->address = (struct sockaddr_in){.sin_family = AF_INET,
	    .sin_port = htons((uint16_t)strtoul(colon + 1, NULL, 10))};
	if (inet_pton(AF_INET, text, &load->address.sin_addr) != 1)
		give_up(text);
}

int
main(int argc, char **argv)
{
	static struct load load = {.connections = 4, .seconds = 5};
	int option;

	while ((option = getopt(argc, argv, "c:r:s:t:")) >= 0) {
		int64_t *number = option == 'c'	  ? &load.connections
				  : option == 's' ? &load.seconds
						  : &load.rate;

		if (option == 't')
			load.token = optarg;
		else if (option == '?' || !dq_num_int(DQ_SLICE(optarg), number))
			return 2;
	}
	if (argc - optind < 3)
		return 2;
	read_address(&load, argv[optind]);
	load.method = argv[optind + 1];
	load.path = argv[optind + 2];
	add_requests(&load, argv[optind + 3]);
	load.samples = dq_malloc(SAMPLES_MAX * sizeof(*load.samples));
	connect_all(&load);
	report(&load, run(&load));
	return load.bad > 0;
}
