/* check_dns_server.c - questions and answers by RFC 1035 4, by hand. */
#include "tests/check_dns_server.h"

#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/mem.h"
#include "tests/check_dns_records.h"

enum { HEADER = DNS_HEADER, QUESTION_MAX = 512, MANY = 1500 };
enum {
	RESPONSE = 0x8180,
	TRUNCATED = 0x0200,
	SERVFAIL = 2,
	NXDOMAIN = 3,
	REFUSED = 5
};

static const struct dns_row *table;
static struct dns_seen *seen;
static pid_t server;

struct question {
	const unsigned char *packet;
	char name[256];
	unsigned type;
	size_t end; /* of the question in the packet */
	bool tcp;
};

static bool
read_question(struct question *q, size_t size)
{
	size_t at = HEADER;
	size_t length = 0;

	while (at < size && q->packet[at] != 0) {
		size_t label = q->packet[at++];

		if (at + label >= size)
			return false;
		if (length > 0)
			q->name[length++] = '.';
		memcpy(q->name + length, q->packet + at, label);
		length += label;
		at += label;
	}
	q->name[length] = '\0';
	if (at + 5 > size)
		return false;
	q->type = (unsigned)(q->packet[at + 1] << 8 | q->packet[at + 2]);
	q->end = at + 5;
	return true;
}

static bool
is_for(const struct dns_row *row, const struct question *q)
{
	return strcasecmp(row->name, q->name) == 0 &&
	    (strcmp(row->type, "*") == 0 || dns_type(row->type) == q->type ||
		strcmp(row->type, "CNAME") == 0);
}

static void
add_many(struct buf *records, unsigned *count)
{
	char text[64];

	for (int i = 0; i < MANY; i++, ++*count) {
		snprintf(text, sizeof(text), "%d mx%d.many.example", MANY - i,
		    MANY - i);
		dns_add_record(records, 15, text);
	}
}

/* Whether its answer is by TCP. */
static bool
is_long(const struct dns_row *row)
{
	return strcmp(row->data, "!TC") == 0 || strcmp(row->data, "!MANY") == 0;
}

/* Collects the records for Q; returns the flags, 0 for no answer at all. */
static unsigned
collect(const struct question *q, struct buf *records, unsigned *count)
{
	unsigned flags = RESPONSE | NXDOMAIN;

	for (const struct dns_row *row = table; row->name != NULL; row++) {
		if (strcasecmp(row->name, q->name) == 0 &&
		    flags == (RESPONSE | NXDOMAIN))
			flags = RESPONSE;
		if (!is_for(row, q))
			continue;
		if (strcmp(row->data, "!SERVFAIL") == 0)
			return RESPONSE | SERVFAIL;
		if (strcmp(row->data, "!REFUSED") == 0)
			return RESPONSE | REFUSED;
		if (strcmp(row->data, "!SILENT") == 0)
			return 0;
		if (is_long(row) && !q->tcp)
			return RESPONSE | TRUNCATED;
		if (strcmp(row->data, "!MANY") == 0)
			add_many(records, count);
		if (row->data[0] == '!')
			continue;
		dns_add_record(records,
		    strcmp(row->type, "CNAME") == 0 ? 5 : q->type, row->data);
		++*count;
	}
	return flags;
}

static const struct dns_row *
find_row(const struct question *q, const char *data)
{
	for (const struct dns_row *row = table; row->name != NULL; row++)
		if (is_for(row, q) && strcmp(row->data, data) == 0)
			return row;
	return NULL;
}

/* Makes the packet; false for none. */
static bool
answer(struct question *q, size_t size, struct buf *packet)
{
	struct buf records = BUF_INIT;
	unsigned count = 0;
	unsigned flags;

	if (size < HEADER || !read_question(q, size))
		return false;
	if (find_row(q, "!EMPTY") != NULL)
		return true;
	flags = collect(q, &records, &count);
	buf_add(packet, q->packet, 2);
	dns_add_u16(packet, flags);
	dns_add_u16(packet, 1);
	dns_add_u16(packet, count);
	dns_add_u16(packet, 0);
	dns_add_u16(packet, 0);
	buf_add(packet, q->packet + HEADER, q->end - HEADER);
	if (find_row(q, "!OTHER") != NULL)
		packet->data[HEADER + 1] ^= 1;
	if (find_row(q, "!GARBAGE") != NULL) {
		packet->data[3] = (char)0x80;
		packet->data[7] = 9; /* records that are not there */
	} else {
		buf_add(packet, records.data, records.size);
	}
	buf_clear(&records);
	return flags != 0;
}

static void
note_question(const struct question *q, unsigned port)
{
	if (seen->count < (int)COUNT(seen->questions)) {
		seen->questions[seen->count].id =
		    (unsigned)(q->packet[0] << 8 | q->packet[1]);
		seen->questions[seen->count].port = port;
		seen->questions[seen->count].type = q->type;
		(void)snprintf(seen->questions[seen->count].name, DNS_SEEN_NAME,
		    "%.63s", q->name);
	}
	seen->count++;
}

static void
serve_udp(int fd)
{
	unsigned char packet[QUESTION_MAX] = { 0 };
	struct sockaddr_in peer = { .sin_family = AF_UNSPEC };
	socklen_t length = sizeof(peer);
	struct question q = { .packet = packet };
	struct buf reply = BUF_INIT;
	ssize_t n = recvfrom(fd, packet, sizeof(packet), 0,
	    (struct sockaddr *)&peer, &length);
	bool has_answer;

	if (n < HEADER)
		return;
	has_answer = answer(&q, (size_t)n, &reply);
	note_question(&q, ntohs(peer.sin_port));
	if (has_answer)
		(void)sendto(fd, reply.data, reply.size, 0,
		    (struct sockaddr *)&peer, length);
	buf_clear(&reply);
}

static void
serve_tcp(int listener)
{
	unsigned char packet[2 + QUESTION_MAX] = { 0 };
	struct question q = { .packet = packet + 2, .tcp = true };
	struct buf reply = BUF_INIT;
	struct buf framed = BUF_INIT;
	int fd = accept(listener, NULL, NULL);
	ssize_t n = fd == -1 ? 0 : recv(fd, packet, sizeof(packet), 0);

	if (n > 2 + HEADER && answer(&q, (size_t)n - 2, &reply)) {
		dns_add_u16(&framed, (unsigned)reply.size);
		buf_add(&framed, reply.data, reply.size);
		(void)write_all(fd, framed.data, framed.size);
	}
	buf_clear(&reply);
	buf_clear(&framed);
	if (fd != -1)
		close(fd);
}

_Noreturn static void
serve(int udp, int tcp)
{
	struct pollfd fds[] = { { udp, POLLIN, 0 }, { tcp, POLLIN, 0 } };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (poll(fds, COUNT(fds), -1) > 0) {
		if ((fds[0].revents & POLLIN) != 0)
			serve_udp(udp);
		if ((fds[1].revents & POLLIN) != 0)
			serve_tcp(tcp);
	}
	_exit(1);
}

/* A port that is free for both; *UDP and *TCP are bound to it. */
static int
bind_both(int *udp, int *tcp)
{
	for (int i = 0; i < 20; i++) {
		struct sockaddr_in at = { .sin_family = AF_INET };
		socklen_t size = sizeof(at);

		at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		*udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		*tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		ck_assert_int_eq(bind(*udp, (struct sockaddr *)&at, sizeof(at)),
		    0);
		ck_assert_int_eq(getsockname(*udp, (struct sockaddr *)&at,
				     &size),
		    0);
		if (bind(*tcp, (struct sockaddr *)&at, sizeof(at)) == 0 &&
		    listen(*tcp, 5) == 0)
			return ntohs(at.sin_port);
		close(*udp);
		close(*tcp);
	}
	ck_abort_msg("no free port");
	return -1;
}

int
dns_server_start(const struct dns_row *rows)
{
	int udp;
	int tcp;
	int port = bind_both(&udp, &tcp);

	table = rows;
	seen = mmap(NULL, sizeof(*seen), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(seen, MAP_FAILED);
	server = fork();
	ck_assert_int_ne(server, -1);
	if (server == 0)
		serve(udp, tcp);
	close(udp);
	close(tcp);
	return port;
}

const struct dns_seen *
dns_server_seen(void)
{
	return seen;
}

static bool
is_seen(int from, int number)
{
	for (int i = from; i < number; i++)
		if (seen->questions[i].type == seen->questions[number].type &&
		    strcasecmp(seen->questions[i].name,
			seen->questions[number].name) == 0)
			return true;
	return false;
}

int
dns_server_questions(int from)
{
	int count = 0;

	ck_assert_int_le(seen->count, (int)COUNT(seen->questions));
	for (int i = from; i < seen->count; i++)
		count += !is_seen(from, i);
	return count;
}

void
dns_server_stop(void)
{
	if (server > 0) {
		kill(server, SIGKILL);
		waitpid(server, NULL, 0);
		munmap(seen, sizeof(*seen));
	}
	server = 0;
}
