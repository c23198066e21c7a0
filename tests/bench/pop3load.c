/*
 * pop3load.c - POP3 clients, and how fast they are served.
 *
 * Works against any server.  Straight-line; several clients are as many
 * processes.  Every reply is waited for, but in "pipe".
 *
 *   pop3load [-s CLIENTS] [-d SECONDS] [-t] MODE HOST PORT USER PASSWORD
 *
 *   login   connect, USER, PASS, STAT; the time ends with the answer to STAT
 *   session the same and QUIT, by CLIENTS at once; with -t STLS goes first
 *   tls     connect and TLS handshake alone, by CLIENTS at once
 *   list    login, then LIST and UIDL; the time is that of both
 *   retr    RETR of every message, one after another, again and again
 *   pipe    the same with up to 32 RETR under way
 *   hold    CLIENTS log in, say "held" and wait until they are killed
 *
 * %d in USER and PASSWORD is the client's number, from 1.  Prints: what was
 * done (sessions, messages), a second; and p50 and p99 of one in ms.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <gnutls/gnutls.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/buf.h"
#include "tests/bench/times.h"

enum { CLIENTS_MAX = 500, WINDOW = 32, ROOM = 4 * 1024 * 1024 };

static struct {
	struct sockaddr_in server;
	const char *user;
	const char *password;
	int clients;
	double seconds;
	bool tls;
} options = { .clients = 1, .seconds = 3 };

/* What the clients do. */
struct mode {
	const char *name;
	void (*run)(void);
	int window; /* RETR under way */
};
static const struct mode *mode;

/* One connection. */
struct client {
	int fd;
	gnutls_session_t tls; /* NULL: in clear */
	char in[ROOM];
	size_t size;
};

static struct client client = { .fd = -1 };
static gnutls_certificate_credentials_t credentials;
static struct times times;
static double deadline;
static int number; /* of this process */

static void
die(const char *why)
{
	fprintf(stderr, "pop3load: %s: %.*s\n", why, (int)client.size,
	    client.in);
	exit(1);
}

static void
send_text(const char *text, size_t size)
{
	while (size > 0) {
		ssize_t n = client.tls != NULL
		    ? gnutls_record_send(client.tls, text, size)
		    : send(client.fd, text, size, MSG_NOSIGNAL);

		if (n <= 0)
			die("cannot send");
		text += n;
		size -= (size_t)n;
	}
}

static void
receive_some(void)
{
	ssize_t n;

	if (client.size == sizeof(client.in))
		die("a reply is too long");
	do /* a session ticket is nothing to read, and EAGAIN */
		n = client.tls != NULL
		    ? gnutls_record_recv(client.tls, client.in + client.size,
			  sizeof(client.in) - client.size)
		    : recv(client.fd, client.in + client.size,
			  sizeof(client.in) - client.size, 0);
	while (
	    n < 0 && client.tls != NULL && gnutls_error_is_fatal((int)n) == 0);
	if (n <= 0)
		die("the server has gone");
	client.size += (size_t)n;
}

/* Waits until END came, and drops all up to it.  Replies begin with +OK. */
static void
await(const char *end)
{
	size_t length = strlen(end), seen = 0;
	char *at;

	for (;;) {
		at = client.size < length
		    ? NULL
		    : memmem(client.in + seen, client.size - seen, end, length);
		if (at != NULL)
			break;
		seen = client.size < length ? 0 : client.size - length + 1;
		receive_some();
	}
	if (client.in[0] != '+')
		die("refused");
	at += length;
	client.size -= (size_t)(at - client.in);
	memmove(client.in, at, client.size);
}

static void
command(const char *line, const char *end)
{
	send_text(line, strlen(line));
	await(end);
}

static void
connect_to_server(void)
{
	int on = 1;

	client.size = 0;
	client.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (client.fd == -1 ||
	    connect(client.fd, (struct sockaddr *)&options.server,
		sizeof(options.server)) == -1)
		die(strerror(errno));
	setsockopt(client.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

static void
start_tls(void)
{
	int rc;

	gnutls_init(&client.tls, GNUTLS_CLIENT);
	gnutls_set_default_priority(client.tls);
	gnutls_credentials_set(client.tls, GNUTLS_CRD_CERTIFICATE, credentials);
	gnutls_transport_set_int(client.tls, client.fd);
	do
		rc = gnutls_handshake(client.tls);
	while (rc < 0 && gnutls_error_is_fatal(rc) == 0);
	if (rc < 0)
		die(gnutls_strerror(rc));
}

static void
disconnect(void)
{
	if (client.tls != NULL)
		gnutls_deinit(client.tls);
	client.tls = NULL;
	close(client.fd);
}

/* VERB and ARGUMENT, in which %d is the number of this client. */
static void
say(const char *verb, const char *argument)
{
	const char *mark = strstr(argument, "%d");
	struct buf line = BUF_INIT;

	if (mark == NULL)
		buf_printf(&line, "%s %s\r\n", verb, argument);
	else
		buf_printf(&line, "%s %.*s%d%s\r\n", verb,
		    (int)(mark - argument), argument, number, mark + 2);
	command(line.data, "\r\n");
	buf_clear(&line);
}

static void
log_in(void)
{
	connect_to_server();
	await("\r\n");
	if (options.tls) {
		command("STLS\r\n", "\r\n");
		start_tls();
	}
	say("USER", options.user);
	say("PASS", options.password);
}

static void
quit(void)
{
	command("QUIT\r\n", "\r\n");
	disconnect();
}

static void
login_once(void)
{
	double start = now();

	log_in();
	command("STAT\r\n", "\r\n");
	times_note(&times, now() - start);
	quit();
}

static void
session_once(void)
{
	double start = now();

	log_in();
	command("STAT\r\n", "\r\n");
	quit();
	times_note(&times, now() - start);
}

static void
tls_once(void)
{
	double start = now();

	connect_to_server();
	start_tls();
	times_note(&times, now() - start);
	disconnect();
}

static void
list_once(void)
{
	double start;

	log_in();
	start = now();
	command("LIST\r\n", "\r\n.\r\n");
	command("UIDL\r\n", "\r\n.\r\n");
	times_note(&times, now() - start);
	quit();
}

/* How many messages there are. */
static int
count_messages(void)
{
	send_text("STAT\r\n", 6);
	while (memchr(client.in, '\n', client.size) == NULL)
		receive_some();
	client.in[client.size - 1] = '\0';
	int count = atoi(client.in + 4);

	client.size = 0;
	return count;
}

/* Each message once, WINDOW of them under way, asked for by halves. */
static void
fetch_all(void)
{
	const int window = mode->window;
	struct buf asked = BUF_INIT;
	double start;
	int count, sent = 0, done = 0;

	log_in();
	count = count_messages();
	for (start = now(); done < count && now() < deadline; done++) {
		if (sent - done <= window / 2) {
			while (sent < count && sent - done < window)
				buf_printf(&asked, "RETR %d\r\n", ++sent);
			send_text(asked.data, asked.size);
			buf_reset(&asked);
		}
		await("\r\n.\r\n");
		times_note(&times, now() - start);
		start = now();
	}
	buf_clear(&asked);
	disconnect();
}

static void
hold(void)
{
	log_in();
	command("STAT\r\n", "\r\n");
	puts("held");
	fflush(stdout);
	pause();
}

static const struct mode modes[] = {
	{ "login", login_once, 0 },
	{ "session", session_once, 0 },
	{ "tls", tls_once, 0 },
	{ "list", list_once, 0 },
	{ "retr", fetch_all, 1 },
	{ "pipe", fetch_all, WINDOW },
	{ "hold", hold, 0 },
};

/* A client of its own; its times go into the pipe TO. */
static void
run_client(int to)
{
	/* In "hold" nobody else ends it. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	deadline = now() + options.seconds;
	while (now() < deadline)
		mode->run();
	for (size_t i = 0; i < times.count; i++)
		if (write(to, &times.list[i], sizeof(times.list[i])) == -1)
			exit(1);
	exit(0);
}

static int
run_clients(void)
{
	double start = now(), time, spent, busy = 0;
	int ends[2], status, failed = 0;

	if (pipe2(ends, O_CLOEXEC) == -1)
		return 1;
	for (number = 1; number <= options.clients; number++)
		if (fork() == 0)
			run_client(ends[1]);
	close(ends[1]);
	while (read(ends[0], &time, sizeof(time)) == sizeof(time))
		times_note(&times, time);
	spent = now() - start;
	for (size_t i = 0; options.clients == 1 && i < times.count; i++)
		busy += times.list[i];
	while (wait(&status) != -1)
		failed += status != 0;
	if (times.count == 0)
		return 1;
	times_sort(&times);
	printf("%zu %.1f %.3f %.3f\n", times.count,
	    (double)times.count / (busy > 0 ? busy : spent),
	    times_part(&times, 0.5), times_part(&times, 0.99));
	return failed > 0;
}

static const struct mode *
find_mode(const char *name)
{
	for (size_t i = 0; i < COUNT(modes); i++)
		if (strcmp(modes[i].name, name) == 0)
			return &modes[i];
	return NULL;
}

int
main(int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "s:d:t")) != -1) {
		if (c == 's')
			options.clients = atoi(optarg);
		else if (c == 'd')
			options.seconds = atof(optarg);
		else if (c == 't')
			options.tls = true;
	}
	if (argc - optind != 5 || (mode = find_mode(argv[optind])) == NULL ||
	    options.clients > CLIENTS_MAX ||
	    inet_pton(AF_INET, argv[optind + 1], &options.server.sin_addr) != 1)
		return 64;
	options.server.sin_family = AF_INET;
	options.server.sin_port = htons((uint16_t)atoi(argv[optind + 2]));
	options.user = argv[optind + 3];
	options.password = argv[optind + 4];
	gnutls_global_init();
	gnutls_certificate_allocate_credentials(&credentials);
	return run_clients();
}
