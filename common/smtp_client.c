/*
 * smtp_client.c - connecting, greeting, commands and replies of a client.
 *
 * A transaction is in smtp_send.c.  The peer is not trusted: whatever it sends
 * ends as a struct reply of bounded size, or as a broken connection.
 */
#include "common/smtp_client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/conn.h"
#include "common/tls.h"

enum {
	LINE_SIZE = 1024, /* RFC 5321 4.5.3.1.5 says 512 */
	LINES_MAX = 200,  /* of one reply */
	QUIT_WAIT = 2,    /* seconds */
};

/* Cuts HOST:PORT or [v6]:PORT in TEXT; the port, 0 when it is none. */
static uint16_t
cut_port(char *text, char **host)
{
	char *colon = strrchr(text, ':');
	char *end;

	if (colon == NULL || colon[1] < '0' || colon[1] > '9')
		return 0;
	long port = strtol(colon + 1, &end, 10);
	*host = text;
	if (*text == '[' && colon > text && colon[-1] == ']') {
		*host = text + 1;
		colon--;
	} else if (strchr(text, ':') != colon) {
		return 0;
	}
	*colon = '\0';
	return *end == '\0' && port <= UINT16_MAX ? (uint16_t)port : 0;
}

/* Fills in the address that WHERE is.  Its size, 0 when it is none. */
static socklen_t
parse_where(const char *where, struct sockaddr_storage *address)
{
	struct sockaddr_un *un = (struct sockaddr_un *)address;
	struct sockaddr_in *v4 = (struct sockaddr_in *)address;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)address;
	char text[INET6_ADDRSTRLEN + sizeof("[]:65535")];
	char *host = NULL;

	memset(address, 0, sizeof(*address));
	if (strncmp(where, "unix:", 5) == 0) {
		un->sun_family = AF_UNIX;
		return copy_string(un->sun_path, sizeof(un->sun_path),
			   where + 5)
		    ? sizeof(*un)
		    : 0;
	}
	uint16_t port =
	    copy_string(text, sizeof(text), where) ? cut_port(text, &host) : 0;
	if (port == 0)
		return 0;
	if (inet_pton(AF_INET, host, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		return sizeof(*v4);
	}
	memset(address, 0, sizeof(*address));
	if (inet_pton(AF_INET6, host, &v6->sin6_addr) != 1)
		return 0;
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons(port);
	return sizeof(*v6);
}

static socklen_t
address_size(const struct sockaddr_storage *address)
{
	switch (address->ss_family) {
	case AF_UNIX:
		return sizeof(struct sockaddr_un);
	case AF_INET6:
		return sizeof(struct sockaddr_in6);
	default:
		return sizeof(struct sockaddr_in);
	}
}

int
smtp_connect_to(const struct sockaddr_storage *address,
    const struct sockaddr_storage *source, int timeout_seconds)
{
	struct timeval timeout = { .tv_sec = timeout_seconds };
	int fd = socket(address->ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd == -1)
		return -1;
	/* The kernel bounds a blocking connect by the timeout for sending. */
	if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout,
		sizeof(timeout)) == 0 &&
	    (source == NULL ||
		bind(fd, (const struct sockaddr *)source,
		    address_size(source)) == 0) &&
	    connect(fd, (const struct sockaddr *)address,
		address_size(address)) == 0)
		return fd;
	if (errno == EINPROGRESS || errno == EAGAIN)
		errno = ETIMEDOUT;
	int saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

int
smtp_connect(const char *where, int timeout_seconds)
{
	struct sockaddr_storage address;

	if (parse_where(where, &address) == 0) {
		errno = EINVAL;
		return -1;
	}
	return smtp_connect_to(&address, NULL, timeout_seconds);
}

/* The connection is of no use any more; returns the reply that says why. */
static struct reply
broken(struct smtp_client *client, const char *why)
{
	const char *error = conn_error(client->conn);

	client->broken = true;
	return reply(421, "4.4.2 %s", error != NULL ? error : why);
}

/*
 * Reply-line = *( Reply-code "-" [ textstring ] CRLF )
 *              Reply-code [ SP textstring ] CRLF          RFC 5321 4.2
 * Reply-code = %x32-35 %x30-35 %x30-39
 * Returns the code, 0 when LINE is none; *LAST is whether it ends the reply.
 */
static int
parse_line(const char *line, bool *last)
{
	if (line[0] < '2' || line[0] > '5' || line[1] < '0' || line[1] > '5' ||
	    line[2] < '0' || line[2] > '9')
		return 0;
	if (line[3] != '\0' && line[3] != ' ' && line[3] != '-')
		return 0;
	*last = line[3] != '-';
	return (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
}

/* Appends TEXT as a line of R, as far as whole lines fit, made harmless. */
static void
add_text(struct reply *r, const char *text, bool first)
{
	enum { REPLY_LINE_MAX = 500 };
	size_t at = strlen(r->text);
	size_t size = strnlen(text, REPLY_LINE_MAX);

	if (at + size + 2 > sizeof(r->text))
		return;
	if (!first)
		r->text[at++] = '\n';
	for (size_t i = 0; i < size; i++) {
		unsigned char c = (unsigned char)text[i];

		r->text[at++] = (char)(c < ' ' || c == 0x7f ? ' ' : c);
	}
	r->text[at] = '\0';
}

/* Reads one reply and shows EACH line of it, unless that is NULL. */
static struct reply
read_lines(struct smtp_client *client,
    void (*each)(struct smtp_client *client, int number, char *text))
{
	struct reply r = { 0 };
	char line[LINE_SIZE];
	bool last = false;

	for (int number = 0; !last; number++) {
		enum conn_read got =
		    conn_getline(client->conn, line, sizeof(line));

		if (got == CONN_END)
			return broken(client, "the connection ended");
		int code = got == CONN_BAD ? 0 : parse_line(line, &last);
		if (code == 0 || number == LINES_MAX ||
		    (number > 0 && code != r.code))
			return broken(client,
			    "the other side does not answer as SMTP does");
		char *text = line[3] == '\0' ? line + 3 : line + 4;
		r.code = code;
		add_text(&r, text, number == 0);
		if (each != NULL)
			each(client, number, text);
	}
	return r;
}

/* The same, within a time that no trickle and no flood of bytes can extend. */
static struct reply
read_reply(struct smtp_client *client,
    void (*each)(struct smtp_client *client, int number, char *text))
{
	struct reply r;
	int64_t deadline;

	if (client->broken)
		return broken(client, "the connection is broken");
	deadline = conn_hurry(client->conn, 0);
	r = read_lines(client, each);
	conn_relax(client->conn, deadline);
	return r;
}

struct reply
smtp_read_reply(struct smtp_client *client)
{
	return read_reply(client, NULL);
}

/* What a keyword of the EHLO reply means to us. */
static const struct {
	const char *keyword;
	enum smtp_extension extension;
} extensions[] = {
	/* clang-format off */
	{ "PIPELINING", EXT_PIPELINING }, /* RFC 2920 */
	{ "SIZE",       EXT_SIZE },       /* RFC 1870 */
	{ "8BITMIME",   EXT_8BITMIME },   /* RFC 6152 */
	{ "DSN",        EXT_DSN },        /* RFC 3461 */
	{ "STARTTLS",   EXT_STARTTLS },   /* RFC 3207 */
	{ "SMTPUTF8",   EXT_SMTPUTF8 },   /* RFC 6531 */
	{ "CHUNKING",   EXT_CHUNKING },   /* RFC 3030 */
	{ "XFORWARD",   EXT_XFORWARD },   /* Postfix XFORWARD_README */
	{ "AUTH",       EXT_AUTH },       /* RFC 4954 */
	/* clang-format on */
};

/* ehlo-line = ehlo-keyword *( SP ehlo-param ); line 0 is the host's name. */
static void
take_ehlo_line(struct smtp_client *client, int number, char *text)
{
	char *arguments = strpbrk(text, " =");

	if (arguments != NULL)
		*arguments++ = '\0';
	if (number == 0) {
		(void)copy_string(client->greeting, sizeof(client->greeting),
		    text);
		return;
	}
	for (size_t i = 0; i < COUNT(extensions); i++) {
		if (strcasecmp(text, extensions[i].keyword) == 0)
			client->extensions |= extensions[i].extension;
	}
	if (strcasecmp(text, "AUTH") == 0 && arguments != NULL)
		(void)copy_string(client->auth, sizeof(client->auth),
		    arguments);
	if (strcasecmp(text, "XFORWARD") == 0 && arguments != NULL)
		(void)copy_string(client->xforward, sizeof(client->xforward),
		    arguments);
}

static void
forget_offers(struct smtp_client *client)
{
	client->extensions = 0;
	client->auth[0] = client->xforward[0] = '\0';
}

struct reply
smtp_client_hello(struct smtp_client *client, const char *hostname)
{
	forget_offers(client);
	if (client->broken)
		return broken(client, "the connection is broken");
	conn_putline(client->conn, "%s %s", client->lmtp ? "LHLO" : "EHLO",
	    hostname);
	struct reply r = read_reply(client, take_ehlo_line);
	if (reply_is_ok(&r))
		return r;
	forget_offers(client);
	if (!reply_is_final(&r) || client->lmtp)
		return r;
	/* RFC 5321 3.2: a server from before 1995 may know HELO only. */
	return smtp_command(client, "HELO %s", hostname);
}

struct reply
smtp_client_open(struct smtp_client *client, struct conn *conn, bool lmtp,
    const char *hostname)
{
	memset(client, 0, sizeof(*client));
	client->conn = conn;
	client->lmtp = lmtp;
	struct reply r = smtp_read_reply(client);
	return r.code == 220 ? smtp_client_hello(client, hostname) : r;
}

struct reply
smtp_client_starttls(struct smtp_client *client, struct tls_context *context,
    const char *host, bool verify, const char *hostname)
{
	struct reply r = smtp_command(client, "STARTTLS");
	int rc;

	if (r.code != 220)
		return r;
	if (client->dane != NULL)
		rc =
		    tls_connect_dane(client->conn, context, host, client->dane);
	else
		rc = tls_connect(client->conn, context, host, verify);
	if (rc == -1) {
		client->broken = true;
		return reply(421, "4.7.5 %s", conn_error(client->conn));
	}
	return smtp_client_hello(client, hostname);
}

struct reply
smtp_command(struct smtp_client *client, const char *fmt, ...)
{
	char *line;
	va_list args;

	va_start(args, fmt);
	int n = vasprintf(&line, fmt, args);
	va_end(args);
	if (n == -1)
		return reply(451, "4.3.0 out of memory");
	if (strpbrk(line, "\r\n") != NULL) {
		free(line);
		return reply(554, "5.5.0 Line break within a command");
	}
	if (!client->broken)
		conn_putline(client->conn, "%s", line);
	free(line);
	return smtp_read_reply(client);
}

void
smtp_client_quit(struct smtp_client *client)
{
	if (client->broken)
		return;
	conn_set_timeout(client->conn, QUIT_WAIT);
	(void)smtp_command(client, "QUIT");
	client->broken = true;
}
