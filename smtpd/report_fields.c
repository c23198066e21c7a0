/*
 * report_fields.c - RFC 3464 2: a field a line, as programs read it.
 *
 * Addresses came through our parser and are harmless; what another host has
 * said is not: only printable ASCII of it is written, in one line.
 */
#include "smtpd/report_fields.h"

#include <string.h>

#include "common/address.h"
#include "common/orcpt.h"
#include "common/utf8.h"
#include "smtpd/dsn.h"
#include "smtpd/headers.h"

enum { LINE_WIDTH = 76, WORDS_MAX = 900 };

/* What was said, made harmless: "550 5.1.1 No such user". */
static void
put_reply(const struct reply *r, struct buf *to)
{
	size_t n = 0;

	if (r->code == 0)
		buf_addstr(to, "not tried yet");
	else
		buf_printf(to, "%d ", r->code);
	for (const char *c = r->text; *c != '\0' && n < WORDS_MAX; c++, n++) {
		if (*c == '\n')
			buf_addchar(to, ' ');
		else
			buf_addchar(to, *c >= ' ' && *c <= '~' ? *c : '?');
	}
}

/* A text in lines of LINE_WIDTH, each but the first after INDENT. */
static void
put_folded(const char *text, const char *indent, struct buf *to)
{
	size_t column = 0;

	while (*text != '\0') {
		size_t length = strcspn(text, " ");

		if (column > 0 && column + 1 + length > LINE_WIDTH) {
			buf_printf(to, "\n%s", indent);
			column = strlen(indent);
		} else if (column > 0) {
			buf_addchar(to, ' ');
			column++;
		}
		buf_add(to, text, length);
		column += length;
		text += length;
		text += strspn(text, " ");
	}
	buf_addchar(to, '\n');
}

void
report_put_person(const struct queue_recipient *recipient, struct buf *to)
{
	struct buf line = BUF_INIT;

	buf_printf(&line, "<%s>",
	    *recipient->original != '\0' ? recipient->original
					 : recipient->address);
	if (*recipient->original != '\0')
		buf_printf(&line, " (as <%s>)", recipient->address);
	buf_addstr(&line, ": ");
	if (*recipient->host != '\0')
		buf_printf(&line, "host %s said: ", recipient->host);
	put_reply(&recipient->last, &line);
	put_folded(line.data, "    ", to);
	buf_clear(&line);
}

static void
put_date(const char *name, int64_t when, struct buf *to)
{
	char date[64];

	buf_printf(to, "%s: %s\n", name,
	    headers_date(when, date, sizeof(date)));
}

void
report_put_message_fields(const struct report *report, struct buf *to)
{
	const struct queue_entry *about = report->about;
	char envid[128];
	char text[128];

	buf_printf(to, "Reporting-MTA: dns; %s\n", report->config->hostname);
	if (dsn_parameter(about->parameters, "ENVID=", envid, sizeof(envid)) &&
	    xtext_decode(envid, text, sizeof(text)))
		buf_printf(to, "Original-Envelope-Id: %s\n", text);
	buf_printf(to, "X-Postlab-Queue-Id: %s\n", about->id);
	put_date("Arrival-Date", about->arrived, to);
}

/* "rfc822;bob@far.example" or "utf-8;..." */
static void
put_address(const char *name, const char *address, struct buf *to)
{
	buf_printf(to, "%s: %s;%s\n", name,
	    utf8_is_ascii(address) ? "rfc822" : "utf-8", address);
}

/*
 * RFC 3464 2.3.1: what ORCPT said, the xtext taken off; without ORCPT what was
 * typed, as Postfix does.
 */
static void
put_original(const struct queue_recipient *recipient, struct buf *to)
{
	const char *typed = *recipient->original == '\0' ? recipient->address
							 : recipient->original;
	char value[ORCPT_MAX + 1];
	char address[ADDRESS_TEXT_MAX];

	if (dsn_parameter(recipient->parameters, "ORCPT=", value,
		sizeof(value))) {
		if (orcpt_decode(value, address, sizeof(address)))
			buf_printf(to, "Original-Recipient: %.*s;%s\n",
			    (int)strcspn(value, ";"), value, address);
	} else {
		put_address("Original-Recipient", typed, to);
	}
}

static const char *
action_name(enum report_action action)
{
	switch (action) {
	case REPORT_FAILED:
	case REPORT_POSTMASTER:
		return "failed";
	case REPORT_DELAYED:
		return "delayed";
	case REPORT_DELIVERED:
		return "delivered";
	case REPORT_RELAYED:
		return "relayed";
	case REPORT_EXPANDED:
		return "expanded";
	case REPORT_NONE:
	case REPORT_NOBODY:
		break;
	}
	return "";
}

/* RFC 3464 2.3.4: that of the last word, be it of success. */
static void
put_status(const struct queue_recipient *recipient, struct buf *to)
{
	char status[16];

	if (recipient->last.code == 0)
		copy_string(status, sizeof(status), "4.0.0");
	else
		reply_status(&recipient->last, status, sizeof(status));
	buf_printf(to, "Status: %s\n", status);
}

/*
 * RFC 3464 2.3.5, 2.3.6: what was said, and by whom.  Words of our own about
 * another host's mail are in no protocol; those of mda are in SMTP's.
 */
static void
put_diagnostic(const struct queue_recipient *recipient, struct buf *to)
{
	struct buf said = BUF_INIT;
	bool own = !recipient->local && *recipient->host == '\0';

	if (*recipient->host != '\0')
		buf_printf(to, "Remote-MTA: dns; %s\n", recipient->host);
	buf_printf(&said, "Diagnostic-Code: %s; ", own ? "X-Postlab" : "smtp");
	put_reply(&recipient->last, &said);
	put_folded(said.data, "    ", to);
	buf_clear(&said);
}

void
report_put_recipient_fields(const struct report *report, size_t i,
    struct buf *to)
{
	const struct queue_recipient *recipient = &report->about->recipients[i];
	enum report_action action = report->actions[i];

	put_original(recipient, to);
	put_address("Final-Recipient", recipient->address, to);
	buf_printf(to, "Action: %s\n", action_name(action));
	put_status(recipient, to);
	if (recipient->last.code != 0 &&
	    (action == REPORT_FAILED || action == REPORT_DELAYED))
		put_diagnostic(recipient, to);
	else if (action == REPORT_RELAYED && *recipient->host != '\0')
		buf_printf(to, "Remote-MTA: dns; %s\n", recipient->host);
	if (recipient->when != 0)
		put_date("Last-Attempt-Date", recipient->when, to);
	if (action == REPORT_DELAYED)
		put_date("Will-Retry-Until", report->until, to);
}
