/*
 * anatomy_field.c - what a header field stands for, in words.
 */
#include "mua/anatomy_text.h"

#include "maildir/addresses.h"
#include "maildir/decode.h"
#include "maildir/header.h"
#include "maildir/received.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum { MEANING_MAX = 2000 };

struct meaning {
	const struct anatomy *anatomy;
	const struct node *node;
	const struct header_field *field;
	struct buf *to;
};

static void
put_addresses(const struct meaning *m)
{
	struct addresses addresses;

	addresses_parse(m->field->value, m->field->value_size, &addresses);
	for (size_t i = 0; i < addresses.count; i++) {
		const struct mailbox_address *one = &addresses.list[i];

		buf_printf(m->to, "%s%s%s%s%s", i == 0 ? "" : ", ", one->name,
		    *one->name == '\0' ? "" : " <", one->address,
		    *one->name == '\0' ? "" : ">");
		if (*one->group != '\0')
			buf_printf(m->to, " (of %s)", one->group);
		if (m->to->size > MEANING_MAX)
			break;
	}
	for (size_t i = 0; i < addresses.remark_count; i++)
		if (!addresses.remarks[i].odd)
			buf_printf(m->to, "; %s", addresses.remarks[i].text);
	addresses_clear(&addresses);
}

static void
put_moment(int64_t date, struct buf *to)
{
	time_t when = (time_t)date;
	char text[64];
	struct tm tm;

	if (date != 0 && gmtime_r(&when, &tm) != NULL &&
	    strftime(text, sizeof(text), "%a %Y-%m-%d %H:%M:%S UTC", &tm) > 0)
		buf_addstr(to, text);
}

static void
put_date(const struct meaning *m)
{
	put_moment(decode_date(m->field->value, m->field->value_size), m->to);
}

static void
put_received(const struct meaning *m)
{
	struct received r;

	received_parse(m->field->value, m->field->value_size, &r);
	buf_printf(m->to, "%s had it", *r.by == '\0' ? "a host" : r.by);
	if (*r.helo != '\0')
		buf_printf(m->to, " from %s", r.helo);
	if (*r.address != '\0')
		buf_printf(m->to, " (%s)", r.address);
	if (*r.with != '\0')
		buf_printf(m->to, " by %s", r.with);
	if (r.has_date) {
		buf_addstr(m->to, ", ");
		put_moment(r.date, m->to);
	}
	received_clear(&r);
}

static void
put_type(const struct meaning *m)
{
	const struct located_part *part =
	    message_place(m->anatomy->message, m->node->part);

	buf_addstr(m->to, part->part.type);
	if (*part->part.charset != '\0')
		buf_printf(m->to, " in %s", part->part.charset);
	if (part->boundary != NULL)
		buf_printf(m->to, ", parts between lines --%s", part->boundary);
	if (*part->part.filename != '\0')
		buf_printf(m->to, ", called %s", part->part.filename);
}

static void
put_disposition(const struct meaning *m)
{
	const struct part *part =
	    message_part(m->anatomy->message, m->node->part);

	buf_addstr(m->to, part->attachment ? "to be saved" : "to be shown");
	if (*part->filename != '\0')
		buf_printf(m->to, ", as %s", part->filename);
}

static const struct {
	const char *encoding;
	const char *meaning;
} encodings[] = {
	/* clang-format off */
	{ "7bit", "ASCII lines as they are" },
	{ "8bit", "lines as they are, bytes above 127 among them" },
	{ "binary", "bytes as they are, without lines" },
	{ "quoted-printable", "=E9 stands for the byte E9; = at the end of a "
	  "line joins it to the next" },
	{ "base64", "each letter stands for six bits: four of them for three "
	  "bytes" },
	/* clang-format on */
};

static void
put_encoding(const struct meaning *m)
{
	const struct part *part =
	    message_part(m->anatomy->message, m->node->part);

	for (size_t i = 0; i < COUNT(encodings); i++)
		if (strcmp(encodings[i].encoding, part->encoding) == 0)
			buf_addstr(m->to, encodings[i].meaning);
}

static const struct explanation {
	const char *name;
	void (*put)(const struct meaning *m); /* or the words: */
	const char *words;
} explanations[] = {
	/* clang-format off */
	{ "Date", put_date, NULL },
	{ "Received", put_received, NULL },
	{ "Content-Type", put_type, NULL },
	{ "Content-Disposition", put_disposition, NULL },
	{ "Content-Transfer-Encoding", put_encoding, NULL },
	{ "Return-Path", NULL, "MAIL FROM of the envelope: bounces go there" },
	{ "X-Original-To", NULL, "RCPT TO of the envelope, as it came" },
	{ "Delivered-To", NULL, "the mailbox; it stops mail going round" },
	{ "Envelope-To", NULL, "RCPT TO of the envelope" },
	{ "Message-ID", NULL, "its name in the world: answers refer to it" },
	{ "In-Reply-To", NULL, "it answers the message of that name" },
	{ "References", NULL, "the thread it belongs to, oldest first" },
	{ "MIME-Version", NULL, "the MIME fields are meant (RFC 2045)" },
	{ "Authentication-Results", NULL, "a host's verdict: T tells more" },
	{ "DKIM-Signature", NULL, "a domain vouches for the text "
	  "(RFC 6376)" },
	{ "Received-SPF", NULL, "a host has asked whether its client may send "
	  "for the domain (RFC 7208)" },
	{ "Auto-Submitted", NULL, "a program wrote it (RFC 3834)" },
	{ "List-Id", NULL, "it came by a mailing list (RFC 2919)" },
	{ "List-Unsubscribe", NULL, "how to leave the list (RFC 2369)" },
	{ "Precedence", NULL, "not for automatic answers" },
	{ "User-Agent", NULL, "the program it was written with" },
	{ "X-Mailer", NULL, "the program it was written with" },
	{ "Disposition-Notification-To", NULL, "the sender asks to be told "
	  "that it was read (RFC 8098)" },
	/* clang-format on */
};

/* Encoded words decoded; a name of the sender's own said to be one. */
static void
put_text(const struct meaning *m)
{
	char *text =
	    decode_text(m->field->value, m->field->value_size, MEANING_MAX);
	char *plain = decode_unfold(m->field->value, m->field->value_size);

	if (strcmp(text, plain) != 0 || strstr(plain, "=?") != NULL)
		buf_addstr(m->to, text);
	else if (strncasecmp(m->field->name, "X-", 2) == 0)
		buf_addstr(m->to, "a field of somebody's own");
	free(text);
	free(plain);
}

void
anatomy_field_meaning(const struct anatomy *anatomy, const struct node *node,
    struct buf *to)
{
	const char *cursor = anatomy->data + node->start;
	struct header_field field;
	struct meaning meaning = { anatomy, node, &field, to };

	if (!header_next(&cursor, anatomy->data + node->end, &field))
		return;
	for (size_t i = 0; i < COUNT(explanations); i++) {
		if (!header_is(&field, explanations[i].name))
			continue;
		if (explanations[i].put != NULL)
			explanations[i].put(&meaning);
		else
			buf_addstr(to, explanations[i].words);
		return;
	}
	if (addresses_in_field(field.name, field.name_size))
		put_addresses(&meaning);
	else
		put_text(&meaning);
}
