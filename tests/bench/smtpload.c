/*
 * smtpload.c - SMTP clients in parallel, and how long their mail takes.
 *
 * Works against any server.  One process and poll(2), so that the client costs
 * little beside the server.  Every reply is waited for, as a plain client
 * does.  A message's time runs from connect() (from MAIL, for a later one in
 * the same session) to the 250 after its final dot.
 *
 *   smtpload [-s SESSIONS] [-k MESSAGES-A-SESSION] [-n MESSAGES] [-d SECONDS]
 *            [-z OCTETS] [-r RECIPIENTS] [-t LOCAL-PART%d@DOMAIN] HOST PORT
 *   smtpload -i SESSIONS HOST PORT     opens sessions, says "idle" and waits
 *
 * Prints: messages seconds messages/s p50 p90 p99 max (ms) errors
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/buf.h"
#include "tests/bench/times.h"

enum { SESSIONS_MAX = 2000, REPLY_ROOM = 4096 };

/* What a session has sent, and so which reply it waits for. */
enum step { GREETING, EHLO, MAIL, RCPT, DATA, TEXT, QUIT, STEPS };
static const int expected[STEPS] = { 220, 250, 250, 250, 354, 250, 221 };

struct session {
	int fd; /* -1: none */
	enum step step;
	double began; /* connect(), or MAIL */
	int sent;     /* messages, in this session */
	char in[REPLY_ROOM];
	size_t in_size;
	struct buf out;
};

static struct {
	struct sockaddr_in server;
	int sessions;
	int per_session;
	long messages; /* most, 0 for no bound */
	double seconds;
	int octets;
	int recipients;
	const char *to;
	bool idle;
} options = { .sessions = 1,
	.per_session = 1,
	.seconds = 10,
	.octets = 4096,
	.recipients = 1,
	.to = "user%d@campus.example" };

static struct session *sessions;
static struct buf text = BUF_INIT; /* the message, with its final dot */
static double started;
static long begun; /* messages whose MAIL was sent or is sure to be */
static struct times times;
static long errors;

static bool
may_begin(void)
{
	return (options.messages == 0 || begun < options.messages) &&
	    now() < started + options.seconds;
}

static void
make_text(void)
{
	buf_addstr(&text,
	    "From: Load <load@bench.example>\r\n"
	    "To: You <you@campus.example>\r\n"
	    "Subject: =?ISO-8859-1?Q?Cami=F3n?= of mail\r\n"
	    "Message-ID: <load@bench.example>\r\n"
	    "Date: Thu, 19 Nov 2026 10:21:04 +0000\r\n"
	    "MIME-Version: 1.0\r\n"
	    "Content-Type: text/plain; charset=us-ascii\r\n\r\n");
	while (text.size + 72 < (size_t)options.octets)
		buf_addstr(&text,
		    "Seventy characters of text stand in each line of what "
		    "is sent here...\r\n");
	buf_addstr(&text, ".\r\n");
}

static void
end_session(struct session *s)
{
	if (s->fd != -1)
		close(s->fd);
	s->fd = -1;
	buf_reset(&s->out);
}

static void
fail_session(struct session *s, const char *why)
{
	if (errors++ == 0)
		fprintf(stderr, "smtpload: step %d: %s\n", s->step, why);
	end_session(s);
}

static void
begin_session(struct session *s)
{
	int on = 1;

	s->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	s->step = GREETING;
	s->began = now();
	s->sent = 0;
	s->in_size = 0;
	begun++;
	if (s->fd == -1 ||
	    (connect(s->fd, (struct sockaddr *)&options.server,
		 sizeof(options.server)) == -1 &&
		errno != EINPROGRESS))
		fail_session(s, strerror(errno));
	else
		setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

static void
add_recipient(struct session *s)
{
	const char *mark = strstr(options.to, "%d");
	long n = begun % options.recipients;

	if (mark == NULL)
		buf_printf(&s->out, "RCPT TO:<%s>\r\n", options.to);
	else
		buf_printf(&s->out, "RCPT TO:<%.*s%ld%s>\r\n",
		    (int)(mark - options.to), options.to, n, mark + 2);
}

/* The reply to STEP was the expected one: the next command. */
static void
go_on(struct session *s)
{
	switch (s->step) {
	case GREETING:
		buf_addstr(&s->out, "EHLO load.bench.example\r\n");
		break;
	case EHLO:
		buf_addstr(&s->out, "MAIL FROM:<load@bench.example>\r\n");
		break;
	case MAIL:
		add_recipient(s);
		break;
	case RCPT:
		buf_addstr(&s->out, "DATA\r\n");
		break;
	case DATA:
		buf_add(&s->out, text.data, text.size);
		break;
	case TEXT:
		times_note(&times, now() - s->began);
		if (++s->sent < options.per_session && may_begin()) {
			begun++;
			s->began = now();
			s->step = EHLO;
			go_on(s);
			return;
		}
		buf_addstr(&s->out, "QUIT\r\n");
		break;
	default:
		end_session(s);
		return;
	}
	s->step++;
}

/* Handles the whole reply LINE ends. */
static void
take_reply(struct session *s, const char *line)
{
	if (options.idle && s->step == EHLO)
		return;
	if (atoi(line) == expected[s->step] ||
	    (options.idle && s->step == GREETING && line[0] == '+'))
		go_on(s);
	else
		fail_session(s, line);
}

static void
read_replies(struct session *s)
{
	ssize_t n =
	    read(s->fd, s->in + s->in_size, sizeof(s->in) - 1 - s->in_size);
	char *end;

	if (n <= 0) {
		if (n == -1 && errno == EAGAIN)
			return;
		fail_session(s, n == 0 ? "closed" : strerror(errno));
		return;
	}
	s->in_size += (size_t)n;
	s->in[s->in_size] = '\0';
	while (s->fd != -1 && (end = strchr(s->in, '\n')) != NULL) {
		size_t length = (size_t)(end - s->in) + 1;
		bool last = length < 4 || s->in[3] != '-';

		*end = '\0';
		if (last)
			take_reply(s, s->in);
		s->in_size -= length;
		memmove(s->in, s->in + length, s->in_size + 1);
	}
}

static void
send_some(struct session *s)
{
	ssize_t n = send(s->fd, s->out.data, s->out.size, MSG_NOSIGNAL);

	if (n > 0)
		buf_drop(&s->out, (size_t)n);
	else if (n == -1 && errno != EAGAIN)
		fail_session(s, strerror(errno));
}

static void
serve(struct session *s, short events)
{
	if (events & (POLLIN | POLLHUP | POLLERR))
		read_replies(s);
	if (s->fd != -1 && s->out.size > 0)
		send_some(s);
}

/* Whether all idle sessions have been greeted and answered. */
static bool
all_idle(void)
{
	for (int i = 0; i < options.sessions; i++)
		if (sessions[i].step != EHLO || sessions[i].out.size > 0)
			return false;
	return true;
}

static void
run(void)
{
	static struct pollfd polls[SESSIONS_MAX];
	bool said = false;
	int open = 1;

	while (open > 0) {
		open = 0;
		for (int i = 0; i < options.sessions; i++) {
			struct session *s = &sessions[i];

			if (s->fd == -1 && may_begin())
				begin_session(s);
			polls[i].fd = s->fd;
			polls[i].events =
			    s->out.size > 0 ? POLLIN | POLLOUT : POLLIN;
			open += s->fd != -1;
		}
		if (open > 0 &&
		    poll(polls, (nfds_t)options.sessions, 1000) == -1)
			break;
		for (int i = 0; i < options.sessions; i++)
			if (sessions[i].fd != -1 && polls[i].revents != 0)
				serve(&sessions[i], polls[i].revents);
		if (options.idle && !said && all_idle()) {
			said = true;
			puts("idle");
			fflush(stdout);
		}
	}
}

static void
report(void)
{
	double seconds = now() - started;

	times_sort(&times);
	printf("%zu %.3f %.1f %.1f %.1f %.1f %.1f %ld\n", times.count, seconds,
	    (double)times.count / seconds, times_part(&times, 0.5),
	    times_part(&times, 0.9), times_part(&times, 0.99),
	    times_part(&times, 1), errors);
}

static bool
read_options(int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "s:k:n:d:z:r:t:i:")) != -1) {
		if (c == 's' || c == 'i')
			options.sessions = atoi(optarg);
		if (c == 'k')
			options.per_session = atoi(optarg);
		if (c == 'n')
			options.messages = atol(optarg);
		if (c == 'd')
			options.seconds = atof(optarg);
		if (c == 'z')
			options.octets = atoi(optarg);
		if (c == 'r')
			options.recipients = atoi(optarg);
		if (c == 't')
			options.to = optarg;
		options.idle = options.idle || c == 'i';
		if (c == '?')
			return false;
	}
	options.server.sin_family = AF_INET;
	if (argc - optind != 2 || options.sessions < 1 ||
	    options.sessions > SESSIONS_MAX || options.recipients < 1)
		return false;
	options.server.sin_port = htons((uint16_t)atoi(argv[optind + 1]));
	return inet_pton(AF_INET, argv[optind], &options.server.sin_addr) == 1;
}

int
main(int argc, char **argv)
{
	if (!read_options(argc, argv)) {
		fprintf(stderr,
		    "usage: smtpload [-s SESSIONS] [-k N] [-n N] "
		    "[-d SECONDS] [-z OCTETS] [-r N] "
		    "[-t ADDRESS] | -i N   HOST PORT\n");
		return 64;
	}
	make_text();
	sessions = xcalloc((size_t)options.sessions, sizeof(*sessions));
	for (int i = 0; i < options.sessions; i++) {
		sessions[i].fd = -1;
		sessions[i].out = (struct buf)BUF_INIT;
	}
	started = now();
	run();
	report();
	return errors == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
