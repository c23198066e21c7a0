/*
 * report.c - who is owed a report, and its three parts.
 *
 * What comes back of the message: all of it when the sender asked for that
 * (RET=FULL) or asked for nothing and it is short; else its header.  A report
 * of success or delay has the header only (RFC 3461 6.2).
 */
#include "smtpd/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "common/log.h"
#include "common/utf8.h"
#include "smtpd/dsn.h"
#include "smtpd/headers.h"
#include "smtpd/report_fields.h"

enum { SHORT_MESSAGE = 50000 /* as Postfix's bounce_size_limit */ };

static const struct {
	enum report_action action;
	const char *subject;
	const char *begin;
} kinds[] = {
	/* The most serious first: it gives the report its subject. */
	{ REPORT_FAILED, "Undelivered Mail Returned to Sender",
	    "Your message could not be delivered to:" },
	{ REPORT_POSTMASTER, "Undelivered Mail of which nobody was told",
	    "This message could not be delivered, and its sender cannot be "
	    "told (it is\nitself a report, or there is no way to him):" },
	{ REPORT_DELAYED, "Delayed Mail (still being retried)",
	    "Your message has not been delivered yet; it is tried on, and you "
	    "need\nnot send it again:" },
	{ REPORT_DELIVERED, "Successful Mail Delivery Report",
	    "Your message was delivered to:" },
	{ REPORT_RELAYED, "Successful Mail Delivery Report",
	    "Your message was handed on to a mail system that sends no "
	    "reports:" },
	{ REPORT_EXPANDED, "Successful Mail Delivery Report",
	    "Your message was handed on to everybody this address stands "
	    "for; of their\nsuccess there is no report, but of failure as "
	    "you asked for:" },
};

/* The sender is no one, or could not be told. */
static bool
is_without_sender(const struct queue_entry *entry,
    const struct queue_recipient *rcpt)
{
	return *entry->sender == '\0' ||
	    (rcpt->reported & 1U << REPORT_NONE) != 0;
}

static enum report_action
owed_to_postmaster(const struct queue_entry *entry,
    const struct queue_recipient *rcpt)
{
	const unsigned done = 1U << REPORT_POSTMASTER | 1U << REPORT_NOBODY;

	return rcpt->state == RCPT_FAILED && (rcpt->reported & done) == 0 &&
		strcmp(entry->protocol, REPORT_DOUBLE_BOUNCE) != 0
	    ? REPORT_POSTMASTER
	    : REPORT_NONE;
}

bool
report_is_nobodys(const struct queue_entry *entry)
{
	for (size_t i = 0; i < entry->recipient_count; i++) {
		const struct queue_recipient *rcpt = &entry->recipients[i];

		if (rcpt->state == RCPT_FAILED &&
		    is_without_sender(entry, rcpt) &&
		    (rcpt->reported & 1U << REPORT_POSTMASTER) == 0)
			return true;
	}
	return false;
}

static enum report_action
success_of(const struct queue_recipient *rcpt)
{
	if (rcpt->expanded)
		return REPORT_EXPANDED;
	return rcpt->local ? REPORT_DELIVERED : REPORT_RELAYED;
}

enum report_action
report_owed(const struct queue_entry *entry, size_t i, bool late)
{
	const struct queue_recipient *rcpt = &entry->recipients[i];
	enum report_action action = REPORT_NONE;

	if (entry->withdrawn)
		return REPORT_NONE;
	if (is_without_sender(entry, rcpt))
		return owed_to_postmaster(entry, rcpt);
	if (rcpt->state == RCPT_FAILED &&
	    dsn_wants(rcpt->parameters, "FAILURE"))
		action = REPORT_FAILED;
	else if (rcpt->state == RCPT_DONE &&
	    dsn_wants(rcpt->parameters, "SUCCESS"))
		action = success_of(rcpt);
	else if (rcpt->state == RCPT_PENDING && late &&
	    dsn_wants(rcpt->parameters, "DELAY"))
		action = REPORT_DELAYED;
	return (rcpt->reported & 1U << action) == 0 ? action : REPORT_NONE;
}

bool
report_is_late(const struct queue_entry *entry, int notice, int64_t now)
{
	return notice > 0 && entry->arrived + notice <= now;
}

bool
report_is_wanted(const struct queue_entry *entry)
{
	for (size_t i = 0; i < entry->recipient_count; i++)
		if (*entry->sender != '\0' &&
		    dsn_wants(entry->recipients[i].parameters, "SUCCESS"))
			return true;
	return false;
}

bool
report_is_owed(const struct queue_entry *entry, bool late)
{
	for (size_t i = 0; i < entry->recipient_count; i++)
		if (report_owed(entry, i, late) != REPORT_NONE)
			return true;
	return false;
}

static size_t
count_actions(const struct report *report, enum report_action action)
{
	size_t count = 0;

	for (size_t i = 0; i < report->about->recipient_count; i++)
		count += report->actions[i] == action;
	return count;
}

static const char *
subject_of(const struct report *report)
{
	for (size_t i = 0; i < COUNT(kinds); i++)
		if (count_actions(report, kinds[i].action) > 0)
			return kinds[i].subject;
	return "Mail Delivery Report";
}

static bool
is_utf8(const struct report *report)
{
	const struct queue_entry *about = report->about;

	if (!utf8_is_ascii(report->to))
		return true;
	for (size_t i = 0; i < about->recipient_count; i++)
		if (!utf8_is_ascii(about->recipients[i].address) ||
		    !utf8_is_ascii(about->recipients[i].original))
			return true;
	return false;
}

/* Whether the message, or its header alone, has bytes above 127. */
static bool
is_eight_bit(const struct report *report)
{
	char parameter[16];

	return dsn_parameter(report->about->parameters, "BODY=", parameter,
		   sizeof(parameter)) ||
	    is_utf8(report);
}

/* Whether the whole message comes back. */
static bool
returns_all(const struct report *report)
{
	char ret[8];

	if (count_actions(report, REPORT_FAILED) +
		count_actions(report, REPORT_POSTMASTER) ==
	    0)
		return false;
	if (dsn_parameter(report->about->parameters, "RET=", ret, sizeof(ret)))
		return strcasecmp(ret, "FULL") == 0;
	return report->about->size <= SHORT_MESSAGE;
}

/* Whatever stood there: here it goes into a header of ours. */
static bool
is_message_id(const char *id)
{
	for (const char *c = id; *c != '\0'; c++)
		if (*c <= ' ' || *c > '~' || *c == '<' || *c == '>')
			return false;
	return *id != '\0';
}

char *
report_message_id(const struct report *report)
{
	return xasprintf("%s.report@%s", report->id, report->config->hostname);
}

static void
put_header(const struct report *report, const char *boundary, struct buf *to)
{
	const struct config *config = report->config;
	const struct queue_entry *about = report->about;
	char *message_id = report_message_id(report);
	char date[64];

	headers_date(report->when, date, sizeof(date));
	buf_printf(to, "Date: %s\n", date);
	buf_printf(to, "From: MAILER-DAEMON@%s (Mail Delivery System)\n",
	    config->hostname);
	buf_printf(to, "Subject: %s\n", subject_of(report));
	buf_printf(to, "To: %s\n", report->to);
	buf_printf(to, "Message-Id: <%s>\n", message_id);
	free(message_id);
	if (is_message_id(about->message_id))
		buf_printf(to, "In-Reply-To: <%s>\nReferences: <%s>\n",
		    about->message_id, about->message_id);
	/* RFC 3834 5 */
	buf_addstr(to, "Auto-Submitted: auto-replied\nMIME-Version: 1.0\n");
	buf_printf(to,
	    "Content-Type: multipart/report; report-type=delivery-status;\n"
	    "\tboundary=\"%s\"\n",
	    boundary);
	if (is_eight_bit(report))
		buf_addstr(to, "Content-Transfer-Encoding: 8bit\n");
	buf_addstr(to, "\nThis is a delivery report in MIME format.\n");
}

/* The first part, for people. */
static void
put_words(const struct report *report, struct buf *to)
{
	const struct queue_entry *about = report->about;

	buf_printf(to,
	    "Content-Type: text/plain; charset=utf-8\n"
	    "Content-Transfer-Encoding: 8bit\n\n"
	    "This is the mail system at host %s.\n",
	    report->config->hostname);
	for (size_t k = 0; k < COUNT(kinds); k++) {
		if (count_actions(report, kinds[k].action) == 0)
			continue;
		buf_printf(to, "\n%s\n\n", kinds[k].begin);
		for (size_t i = 0; i < about->recipient_count; i++)
			if (report->actions[i] == kinds[k].action)
				report_put_person(&about->recipients[i], to);
	}
	if (count_actions(report, REPORT_FAILED) > 0)
		buf_addstr(to,
		    "\nThe words behind each address are what the mail system "
		    "there, or this\none, has said last. 5xx is final: to send "
		    "it again unchanged will not help.\n");
	buf_printf(to, "\nThe message has the queue id %s here; %s follows.\n",
	    about->id, returns_all(report) ? "all of it" : "its header");
}

/* The second part, for programs: RFC 3464 2. */
static void
put_status(const struct report *report, struct buf *to)
{
	const struct queue_entry *about = report->about;

	buf_printf(to, "Content-Type: message/%sdelivery-status\n",
	    is_utf8(report) ? "global-" : "");
	if (is_utf8(report))
		buf_addstr(to, "Content-Transfer-Encoding: 8bit\n");
	buf_addchar(to, '\n');
	report_put_message_fields(report, to);
	for (size_t i = 0; i < about->recipient_count; i++) {
		if (report->actions[i] == REPORT_NONE)
			continue;
		buf_addchar(to, '\n');
		report_put_recipient_fields(report, i, to);
	}
}

static void
put_third_type(const struct report *report, struct buf *to)
{
	bool all = returns_all(report);

	if (is_utf8(report))
		buf_printf(to, "Content-Type: message/global%s\n",
		    all ? "" : "-headers");
	else
		buf_printf(to, "Content-Type: %s\n",
		    all ? "message/rfc822" : "text/rfc822-headers");
	if (is_eight_bit(report))
		buf_addstr(to, "Content-Transfer-Encoding: 8bit\n");
	buf_addchar(to, '\n');
}

/* Where the header ends in DATA, of which the last byte before was LAST. */
static size_t
header_length(const char *data, size_t size, char last)
{
	for (size_t i = 0; i < size; i++) {
		if (data[i] == '\n' && last == '\n')
			return i;
		last = data[i];
	}
	return size;
}

/* The message, or its header alone. */
static int
copy_message(const struct report *report,
    int (*sink)(void *arg, const char *data, size_t size), void *arg)
{
	bool all = returns_all(report);
	char data[8192];
	char last = '\n';
	off_t at = 0;
	ssize_t n;

	while ((n = pread(report->message_fd, data, sizeof(data), at)) > 0) {
		size_t length = (size_t)n;

		if (!all)
			length = header_length(data, length, last);
		if (sink(arg, data, length) == -1)
			return -1;
		if (length < (size_t)n)
			break;
		at += n;
		last = data[n - 1];
	}
	return n == -1 ? log_errno("read %s.msg", report->about->id) : 0;
}

static int
put_out(struct buf *text, int (*sink)(void *arg, const char *data, size_t size),
    void *arg)
{
	int rc = sink(arg, text->data, text->size);

	buf_reset(text);
	return rc;
}

int
report_write(const struct report *report,
    int (*sink)(void *arg, const char *data, size_t size), void *arg)
{
	struct buf text = BUF_INIT;
	char boundary[64];
	int rc;

	(void)snprintf(boundary, sizeof(boundary), "report_%s", report->id);
	put_header(report, boundary, &text);
	buf_printf(&text, "\n--%s\n", boundary);
	put_words(report, &text);
	buf_printf(&text, "\n--%s\n", boundary);
	put_status(report, &text);
	if (report->message_fd != -1) {
		buf_printf(&text, "\n--%s\n", boundary);
		put_third_type(report, &text);
	}
	rc = put_out(&text, sink, arg);
	if (rc == 0 && report->message_fd != -1)
		rc = copy_message(report, sink, arg);
	buf_printf(&text, "\n--%s--\n", boundary);
	if (rc == 0)
		rc = put_out(&text, sink, arg);
	buf_clear(&text);
	return rc;
}

char *
report_parameters(const struct report *report)
{
	if (is_utf8(report))
		return xstrdup("BODY=8BITMIME SMTPUTF8");
	return xstrdup(is_eight_bit(report) ? "BODY=8BITMIME" : "");
}
