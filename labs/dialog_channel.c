/* dialog_channel.c - says and hears lines, and prints them with -v. */
#include "labs/dialog_channel.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/conn.h"
#include "common/data_writer.h"
#include "common/smtp_client.h"
#include "common/tls.h"

enum { LINE_SIZE = 65536, PRINT_MAX = 2000 };

void
print_safe(FILE *to, const char *data, size_t size, size_t limit)
{
	for (size_t i = 0; i < size && i < limit; i++) {
		unsigned char c = (unsigned char)data[i];

		if (isprint(c))
			fputc(c, to);
		else
			fprintf(to, "\\x%02x", c);
	}
	if (size > limit)
		fprintf(to, " (and %zu more)", size - limit);
	fputc('\n', to);
}

static void
show(const struct channel *channel, const char *mark, const char *data,
    size_t size)
{
	if (!channel->verbose)
		return;
	printf("%s %s ", channel->name, mark);
	print_safe(stdout, data, size, PRINT_MAX);
	fflush(stdout);
}

/* Connects to a host that has a name, by the first address that answers. */
static int
connect_by_name(const char *address, int timeout, const char **why)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *list = NULL;
	char *host = xstrdup(address);
	char *port = strrchr(host, ':');
	int fd = -1;

	*why = "an address is HOST:PORT, [v6]:PORT or unix:PATH";
	if (port != NULL) {
		*port++ = '\0';
		int rc = getaddrinfo(host, port, &hints, &list);
		if (rc != 0)
			*why = gai_strerror(rc);
	}
	for (struct addrinfo *a = list; a != NULL && fd == -1; a = a->ai_next) {
		char numeric[64];
		char *where;

		if (getnameinfo(a->ai_addr, a->ai_addrlen, numeric,
			sizeof(numeric), NULL, 0, NI_NUMERICHOST) != 0)
			continue;
		where =
		    xasprintf(a->ai_family == AF_INET6 ? "[%s]:%s" : "%s:%s",
			numeric, port);
		fd = smtp_connect(where, timeout);
		*why = strerrordesc_np(errno);
		free(where);
	}
	if (list != NULL)
		freeaddrinfo(list);
	free(host);
	return fd;
}

struct channel *
channel_open(const char *name, const char *address, int timeout,
    const char **why)
{
	int fd = smtp_connect(address, timeout);

	if (fd == -1 && errno == EINVAL)
		fd = connect_by_name(address, timeout, why);
	else if (fd == -1)
		*why = strerrordesc_np(errno);
	if (fd == -1)
		return NULL;
	struct channel *channel = xcalloc(1, sizeof(*channel));
	channel->name = xstrdup(name);
	channel->conn = conn_open(fd, timeout);
	channel->line = xmalloc(LINE_SIZE);
	channel->line[0] = '\0';
	channel->said = xstrdup("");
	return channel;
}

void
channel_close(struct channel *channel)
{
	if (channel == NULL)
		return;
	conn_close(channel->conn);
	free(channel->name);
	free(channel->line);
	free(channel->said);
	free(channel);
}

void
channel_say(struct channel *channel, const struct buf *data, bool line_end)
{
	show(channel, line_end ? "C:" : "C#", data->data, data->size);
	conn_write(channel->conn, data->data, data->size);
	if (line_end)
		conn_write(channel->conn, "\r\n", 2);
	free(channel->said);
	channel->said = xstrdup(data->data);
}

bool
channel_say_file(struct channel *channel, const char *path)
{
	struct data_writer writer = { .conn = channel->conn };
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char chunk[8192];
	ssize_t n = 0;

	if (fd == -1)
		return false;
	show(channel, "C<", path, strlen(path));
	while ((n = read(fd, chunk, sizeof(chunk))) > 0)
		data_write(&writer, chunk, (size_t)n);
	data_end_line(&writer);
	close(fd);
	return n == 0;
}

bool
channel_hear(struct channel *channel)
{
	enum conn_read got =
	    conn_getline(channel->conn, channel->line, LINE_SIZE);

	if (got == CONN_END) {
		show(channel, "S:", "END", 3);
		return false;
	}
	show(channel, "S:", channel->line, strlen(channel->line));
	channel->bad_line = got != CONN_LINE;
	if (!channel->greeted)
		channel->pop3 =
		    channel->line[0] == '+' || channel->line[0] == '-';
	channel->greeted = true;
	return !channel->bad_line;
}

bool
channel_reply_is_over(const struct channel *channel)
{
	const char *line = channel->line;

	if (channel->pop3)
		return strcmp(line, ".") == 0;
	return strspn(line, "0123456789") == 3 &&
	    (line[3] == ' ' || line[3] == '\0');
}

const char *
channel_why(const struct channel *channel)
{
	if (channel->bad_line)
		return "a line with a stray CR, LF or NUL, or far too long";
	return conn_error(channel->conn);
}

bool
channel_start_tls(struct channel *channel, struct tls_context *context,
    const char *verify)
{
	if (tls_connect(channel->conn, context,
		verify == NULL ? "localhost" : verify, verify != NULL) == -1)
		return false;
	const char *what = tls_describe(channel->conn);
	show(channel, "--", what, strlen(what));
	return true;
}
