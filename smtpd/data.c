/*
 * data.c - DATA (RFC 5321 4.1.1.4) and BDAT (RFC 3030): the message.
 *
 * A chunk follows its command at once, whatever we think of it.  So BDAT is in
 * the table for every state, takes its octets first and answers then: what the
 * client means as text must never be read as commands.
 */
#include "smtpd/commands.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/conn.h"
#include "smtpd/custody.h"
#include "smtpd/faults.h"
#include "smtpd/intake.h"
#include "smtpd/judge.h"
#include "smtpd/session.h"

static const struct reply nothing;

static const char no_recipients[] = "5.5.1 Error: no valid recipients";

static struct reply
give_up_late(struct session *s)
{
	s->state = DONE;
	s->farewell = "took too long";
	return reply(421, "4.4.2 %s Error: timeout exceeded",
	    s->service->config->hostname);
}

/* R is what came of the whole text: mailbox, queue or refusal. */
static struct reply
finish(struct session *s, struct reply r)
{
	struct transaction *transaction = &s->transaction;
	int fd;

	s->data_over = true;
	queue_entry_identify(&transaction->envelope,
	    transaction->intake->receive.headers.message_id);
	if (reply_is_ok(&r))
		r = judge_message(s);
	if (!reply_is_ok(&r))
		return r;
	if (faults_meet(s, FAULT_AFTERDOT, &r))
		return r;
	fd = intake_message(transaction->intake);
	if (fd == -1)
		return reply(452, "4.3.1 Insufficient system storage");
	return custody_take(s->service->config, s->service->incoming,
	    &transaction->envelope, fd);
}

struct reply
command_data(struct session *s, char *argument)
{
	struct transaction *transaction = &s->transaction;
	struct receive *receive;
	struct reply r;

	if (*argument != '\0')
		return command_usage("DATA");
	if (transaction->accepted == 0)
		return reply(554, "%s", no_recipients);
	if (faults_meet(s, FAULT_DATA, &r))
		return r;

	conn_putline(s->conn, "354 End data with <CR><LF>.<CR><LF>");
	transaction->intake = intake_new(s);
	receive = &transaction->intake->receive;
	(void)intake_set_deadline(transaction->intake, s->conn);
	r = receive_message(s->conn, receive);
	s->data_lost = data_reader_lost(&receive->reader);
	if (r.code == 0 || s->data_lost)
		s->state = DONE;
	if (s->data_lost)
		s->farewell = "the end of DATA was <LF>.<LF>";
	return r.code == 0 ? r : finish(s, r);
}

/* bdat-cmd ::= "BDAT" SP chunk-size [ SP end-marker ]       RFC 3030 2 */
static bool
parse_chunk(const char *argument, int64_t *size, bool *last)
{
	size_t digits = strspn(argument, "0123456789");
	const char *marker = argument + digits;

	if (digits == 0 || digits > 18)
		return false;
	*size = strtoll(argument, NULL, 10);
	marker += strspn(marker, " \t");
	*last = strcasecmp(marker, "LAST") == 0;
	return *marker == '\0' || *last;
}

/* Whether a chunk may come now; 250 if so. */
static struct reply
may_send_chunk(const struct session *s)
{
	if (!config_offers(s->listener, "CHUNKING"))
		return reply(502, "5.5.1 Error: command not implemented");
	if (s->state == FRESH)
		return reply(503, "5.5.1 Error: send HELO/EHLO first");
	if (s->state == READY)
		return reply(503, "5.5.1 Error: need MAIL command");
	if (s->transaction.accepted == 0)
		return reply(554, "%s", no_recipients);
	return reply(250, "2.0.0 Ok");
}

/* What is not wanted is read all the same.  False at the connection's end. */
static bool
skip_chunk(struct session *s, int64_t size)
{
	conn_set_deadline(s->conn, s->service->config->data_timeout);
	while (size > 0) {
		const char *data;
		size_t n = conn_peek(s->conn, &data);

		if (n == 0)
			return false;
		if ((int64_t)n > size)
			n = (size_t)size;
		conn_consume(s->conn, n);
		size -= (int64_t)n;
	}
	return true;
}

/* Too much even to be thrown away, or nobody knows how much. */
static struct reply
refuse_unread(struct session *s, struct reply r)
{
	s->data_lost = true;
	s->state = DONE;
	s->farewell = "a chunk that was not read";
	return r;
}

/* Instead of an answer to the first chunk. */
static bool
is_faulty(struct session *s, int64_t size, struct reply *r)
{
	if (s->transaction.intake != NULL || !faults_meet(s, FAULT_DATA, r))
		return false;
	if (r->code != 0 && !skip_chunk(s, size))
		s->state = DONE;
	return true;
}

static struct reply
take_chunk(struct session *s, int64_t size, bool last)
{
	struct transaction *transaction = &s->transaction;
	struct reply r;

	if (transaction->intake == NULL)
		transaction->intake = intake_new(s);
	s->state = CHUNKS;
	s->idle = 0;
	if (!intake_set_deadline(transaction->intake, s->conn))
		return give_up_late(s);
	r = receive_chunk(s->conn, &transaction->intake->receive, size, last);
	if (r.code == 0)
		s->state = DONE;
	if (r.code == 0 || (reply_is_ok(&r) && !last))
		return r;
	return finish(s, r);
}

struct reply
refuse_line(struct session *s, const char *line, struct reply r)
{
	static const char bdat[] = "BDAT";
	size_t length = strlen(bdat);

	if (strncasecmp(line, bdat, length) == 0 &&
	    (line[length] == '\0' || line[length] == ' ' ||
		line[length] == '\t'))
		return refuse_unread(s, r);
	return r;
}

struct reply
command_bdat(struct session *s, char *argument)
{
	struct reply r = may_send_chunk(s);
	int64_t size;
	bool last;

	if (!parse_chunk(argument, &size, &last))
		return s->listener->leniency == CLASSROOM
		    ? command_usage("BDAT")
		    : refuse_unread(s, command_usage("BDAT"));
	if (size > s->service->config->message_size)
		return refuse_unread(s,
		    reply(552, "5.3.4 Chunk exceeds message size limit"));
	if (reply_is_ok(&r))
		return is_faulty(s, size, &r) ? r : take_chunk(s, size, last);
	if (skip_chunk(s, size))
		return r;
	s->state = DONE;
	return nothing;
}
