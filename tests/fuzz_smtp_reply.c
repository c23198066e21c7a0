/*
 * fuzz_smtp_reply.c - any bytes as the answers of a server.
 *
 * Whatever comes, a reply is a code from 200 to 599 and text of bounded size
 * without control characters; and a broken client stays broken.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/conn.h"
#include "common/smtp_client.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_reply(const struct reply *r)
{
	const char *line = r->text;

	if (r->code < 200 || r->code > 599 ||
	    strnlen(r->text, sizeof(r->text)) == sizeof(r->text))
		abort();
	for (const char *c = r->text; *c != '\0'; c++) {
		if (*c == '\n')
			line = c + 1;
		else if ((unsigned char)*c < ' ' || *c == 0x7f ||
		    c - line >= 500)
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct smtp_recipient to[] = { { "a@x.example", "", { 0 } },
		{ "b@x.example", "", { 0 } } };
	struct smtp_transaction t = { .sender = "",
		.parameters = "",
		.recipients = to,
		.recipient_count = 2 };
	struct smtp_client client;
	int ends[2];

	if (size < 1 || socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == -1)
		return 0;
	shutdown(ends[1], SHUT_WR);
	struct conn *conn = conn_open(ends[0], 1);
	conn_unread(conn, (const char *)data + 1, size - 1);
	t.fd = ends[1]; /* no file: pread fails, as a broken disk would */
	struct reply r =
	    smtp_client_open(&client, conn, (data[0] & 1) != 0, "x.example");
	check_reply(&r);
	r = smtp_send(&client, &t);
	check_reply(&r);
	check_reply(&to[0].reply);
	check_reply(&to[1].reply);
	if (client.broken) {
		r = smtp_read_reply(&client);
		if (r.code != 421)
			abort();
	}
	smtp_client_quit(&client);
	conn_close(conn);
	close(ends[1]);
	return 0;
}
