/*
 * submit_letter.c - MAIL with what the letter needs, RCPT, DATA.
 */
#include "mua/submit_letter.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/address.h"
#include "common/buf.h"
#include "common/conn.h"
#include "common/utf8.h"
#include "mua/copy.h"
#include "mua/file_type.h"
#include "mua/submit_session.h"

enum {
	HEADER_MAX = 1 << 20,
	FINAL_SECONDS = 600, /* RFC 5321 4.5.3.2.6 */
	XTEXT_SIZE = 3 * ADDRESS_TEXT_MAX,
};

/* Whether the header in FD has more than ASCII (RFC 6532). */
static bool
has_utf8_header(int fd)
{
	struct buf header = BUF_INIT;
	bool found = false;

	(void)lseek(fd, 0, SEEK_SET);
	(void)buf_read(&header, fd, HEADER_MAX);
	for (size_t i = 0; i < header.size && !found; i++) {
		if (header.data[i] == '\n' && header.data[i + 1] == '\n')
			break;
		found = (unsigned char)header.data[i] >= 0x80;
	}
	buf_clear(&header);
	return found;
}

/* "NOTIFY=... ORCPT=rfc822;...", or "". */
static char *
report_parameters(const char *address)
{
	char encoded[XTEXT_SIZE];

	if (!utf8_is_ascii(address) ||
	    !xtext_encode(address, encoded, sizeof(encoded)))
		return xstrdup("NOTIFY=SUCCESS,FAILURE,DELAY");
	return xasprintf("NOTIFY=SUCCESS,FAILURE,DELAY ORCPT=rfc822;%s",
	    encoded);
}

int
submit_letter_open(struct submit_letter *letter, const struct maildir *box,
    const struct outbox_item *item, int fd)
{
	const struct buf nothing = BUF_INIT;
	struct file_survey survey;

	*letter = (struct submit_letter){ .fd = copy_aside(box, &nothing, fd) };
	if (letter->fd == -1 || file_survey(letter->fd, &survey) == -1)
		return -1;
	letter->eight_bit = survey.eight_bit;
	letter->utf8 =
	    has_utf8_header(letter->fd) || !utf8_is_ascii(item->sender);
	letter->recipients = xcalloc(item->count, sizeof(*letter->recipients));
	letter->count = item->count;
	for (size_t i = 0; i < item->count; i++) {
		const char *address = item->recipients[i].address;

		letter->utf8 |= !utf8_is_ascii(address);
		letter->recipients[i].address = address;
		letter->recipients[i].parameters = item->wants_report
		    ? report_parameters(address)
		    : xstrdup("");
	}
	letter->parameters = xasprintf("SIZE=%lld%s%s%s",
	    (long long)maildir_wire_size(letter->fd),
	    letter->eight_bit ? " BODY=8BITMIME" : "",
	    letter->utf8 ? " SMTPUTF8" : "",
	    item->wants_report ? " RET=HDRS" : "");
	return 0;
}

void
submit_letter_close(struct submit_letter *letter)
{
	for (size_t i = 0; i < letter->count; i++) {
		char *text = NULL;

		/* It was allocated above; the transaction only reads it. */
		memcpy(&text, &letter->recipients[i].parameters, sizeof(text));
		free(text);
	}
	free(letter->recipients);
	free(letter->parameters);
	if (letter->fd != -1)
		close(letter->fd);
	*letter = (struct submit_letter){ .fd = -1 };
}

/* What the server would have to do for it and does not, or NULL. */
static const char *
lacking(const struct submit_letter *letter, unsigned extensions)
{
	if (letter->utf8 && (extensions & EXT_SMTPUTF8) == 0)
		return "5.6.7 this server takes no addresses with other "
		       "letters than ASCII (SMTPUTF8)";
	if (letter->eight_bit && (extensions & EXT_8BITMIME) == 0)
		return "5.6.3 this server takes no 8-bit text (8BITMIME)";
	return NULL;
}

void
submit_letter_send(struct submit_letter *letter, struct submit_session *session,
    const struct outbox_item *item)
{
	struct smtp_client *client = &session->client;
	struct smtp_transaction transaction = {
		.sender = item->sender,
		.parameters = letter->parameters,
		.recipients = letter->recipients,
		.recipient_count = letter->count,
		.fd = letter->fd,
		.final_timeout = FINAL_SECONDS,
	};
	const char *why = lacking(letter, client->extensions);
	struct reply r;

	if (why != NULL) {
		r = reply(550, "%s", why);
		for (size_t i = 0; i < letter->count; i++)
			letter->recipients[i].reply = r;
		return;
	}
	/* Broken off here it would be neither sent nor not sent. */
	conn_set_stop(client->conn, NULL);
	r = smtp_send(client, &transaction);
	letter->doubtful =
	    client->sent && client->broken && strncmp(r.text, "4.3.0 ", 6) != 0;
	conn_set_stop(client->conn, task_stop(session->dial.task));
}
