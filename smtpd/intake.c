/* intake.c - what is added to a message, and where it is put meanwhile. */
#include "smtpd/intake.h"

#include <stdlib.h>
#include <strings.h>
#include <time.h>

#include "common/conn.h"
#include "common/tls.h"
#include "common/utf8.h"
#include "smtpd/session.h"

static int64_t
now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec;
}

/* What Received says. */
static struct stamp
make_stamp(const struct session *s)
{
	const struct transaction *transaction = &s->transaction;

	return (struct stamp){
		.id = transaction->envelope.id,
		.hostname = s->service->config->hostname,
		.domain = s->service->config->domain,
		.helo = s->helo,
		.peer = s->peer->address,
		.protocol = transaction->envelope.protocol,
		.tls = tls_describe(s->conn),
		.recipient =
		    transaction->accepted == 1 ? transaction->typed : NULL,
		.sender = transaction->envelope.sender,
		.uid = transaction->envelope.uid,
		.login = s->login,
		.listener = s->listener->name,
		.when = time(NULL),
	};
}

/*
 * RFC 8601 2.7.4: who sends has logged in.  The login is named where that tells
 * nobody more than the sender does.  NULL where nothing is to be said.
 */
static char *
describe_login(const struct session *s)
{
	const char *sender = s->transaction.envelope.sender;

	if (*s->login == '\0' || s->listener->authenticity == AUTHENTICITY_OFF)
		return NULL;
	return strcasecmp(s->login, sender) == 0 && utf8_is_ascii(sender)
	    ? xasprintf("auth=pass smtp.auth=%s", sender)
	    : xstrdup("auth=pass");
}

/*
 * Submission (RFC 6409 8) and the classroom get what they have left out; Bcc is
 * a matter between a sender and his own server.
 */
static unsigned
care_for(const struct listener *listener)
{
	if (listener->protocol == PROTO_MSA)
		return HEADERS_COMPLETE | HEADERS_HIDE_BCC;
	return listener->leniency == CLASSROOM ? HEADERS_COMPLETE : 0;
}

struct intake *
intake_new(const struct session *s)
{
	const struct config *config = s->service->config;
	struct intake *intake = xcalloc(1, sizeof(*intake));

	intake->stamp = make_stamp(s);
	intake->results = describe_login(s);
	intake->stamp.results = intake->results;
	intake->until = now() + config->data_timeout;
	mail_spool_init(&intake->spool, s->service->incoming);
	receive_begin(&intake->receive, config->message_size, &intake->stamp,
	    care_for(s->listener), &intake->spool);
	return intake;
}

void
intake_free(struct intake *intake)
{
	if (intake == NULL)
		return;
	receive_clear(&intake->receive);
	mail_spool_clear(&intake->spool);
	free(intake->results);
	free(intake);
}

bool
intake_set_deadline(const struct intake *intake, struct conn *conn)
{
	int64_t left = intake->until - now();

	if (left <= 0)
		return false;
	conn_set_deadline(conn, (int)left);
	return true;
}

int
intake_message(struct intake *intake)
{
	return mail_spool_fd(&intake->spool);
}
