/*
 * relay_batch.c - from the first host of a route to the last word.
 *
 * Who is told no for now by a host is offered to one more; longer lists are
 * for hosts that cannot be reached.  (Postfix: smtp_mx_session_limit.)
 */
#include "smtpd/relay_batch.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/log.h"
#include "smtpd/envelope.h"
#include "smtpd/relay_session.h"
#include "smtpd/relay_transaction.h"

enum { SESSIONS_MAX = 2 };

static struct queue_recipient *
member(const struct relay_job *job, const struct relay_batch *batch, size_t i)
{
	return &job->envelope->recipients[batch->members[i]];
}

static const char *
outcome(enum recipient_state state)
{
	switch (state) {
	case RCPT_DONE:
		return "relayed";
	case RCPT_FAILED:
		return "bounced";
	case RCPT_PENDING:
		break;
	}
	return "deferred";
}

/* SESSION is NULL where no host was asked. */
static void
log_outcome(const struct relay_job *job, const struct queue_recipient *rcpt,
    const struct relay_session *session)
{
	const char *orig = *rcpt->original == '\0' ? "" : " orig=";
	const char *tls = session == NULL ? "" : relay_session_tls(session);

	log_event(rcpt->state == RCPT_DONE ? LOG_INFO : LOG_WARN,
	    outcome(rcpt->state),
	    "%s to=%s%s%s host=%s address=%s tls=%s code=%d reply=%s delay=%lld",
	    envelope_log(job->envelope), log_safe(rcpt->address), orig,
	    *orig == '\0' ? "" : log_safe(rcpt->original), log_safe(rcpt->host),
	    session == NULL ? "" : session->where,
	    *tls == '\0' ? "no" : log_safe(tls), rcpt->last.code,
	    log_safe(rcpt->last.text),
	    (long long)(time(NULL) - job->envelope->arrived));
}

/* Makes durable what is fresh in BATCH, then says it. */
static int
settle(struct relay_job *job, const struct relay_batch *batch,
    const struct relay_session *session)
{
	bool fresh[RELAY_BATCH_MAX];

	for (size_t i = 0; i < batch->count; i++)
		fresh[i] = member(job, batch, i)->fresh;
	if (queue_settle(job->env_fd, job->envelope) == -1)
		return -1;
	for (size_t i = 0; i < batch->count; i++)
		if (fresh[i])
			log_outcome(job, member(job, batch, i), session);
	return 0;
}

/* Our own word, for those who wait. */
static void
decide(struct relay_job *job, const struct relay_batch *batch,
    const struct reply *r)
{
	for (size_t i = 0; i < batch->count; i++)
		if (member(job, batch, i)->state == RCPT_PENDING)
			queue_decide(member(job, batch, i), r);
}

int
relay_batch_settle(struct relay_job *job, const struct relay_batch *batch,
    const struct reply *r)
{
	decide(job, batch, r);
	return settle(job, batch, NULL);
}

static bool
is_over(const struct relay_job *job, const struct relay_batch *batch)
{
	for (size_t i = 0; i < batch->count; i++)
		if (member(job, batch, i)->state == RCPT_PENDING)
			return false;
	return true;
}

/* A host could not be reached; the log tells, the next one is asked. */
static void
log_next(const struct relay_job *job, const struct relay_session *session,
    const struct reply *r)
{
	log_event(LOG_INFO, "next-host", "%s host=%s reply=%s",
	    envelope_log(job->envelope), log_safe(session->where),
	    log_safe(r->text));
}

/*
 * A host that does not know BDAT, though it offers it, has taken the message
 * for commands: it is asked once more, over a new connection, by DATA.
 */
static bool
speak(struct relay_job *job, struct relay_session *session,
    const struct relay_batch *batch)
{
	bool go_on = relay_transaction(session, job, batch);
	struct reply r;

	if (!session->client.no_bdat)
		return go_on;
	relay_session_close(session);
	r = relay_session_open(session, session->hop);
	if (reply_is_ok(&r))
		return relay_transaction(session, job, batch);
	decide(job, batch, &r);
	return true;
}

/* One host.  Whether another one may be asked, in *GO_ON. */
static int
try_host(struct relay_job *job, struct relay_session *session,
    const struct relay_batch *batch, bool *go_on)
{
	int rc;

	*go_on = speak(job, session, batch);
	rc = settle(job, batch, session);
	if (session->client.conn != NULL)
		relay_link_keep(job->link, session);
	return rc;
}

/*
 * Whether a connection that was kept had gone before it could be of use: the
 * message was not sent, and who waits was told nothing or to go away.
 */
static bool
was_gone(const struct relay_job *job, const struct relay_session *session,
    const struct relay_batch *batch)
{
	if (session->client.sent)
		return false;
	if (session->client.broken)
		return true;
	for (size_t i = 0; i < batch->count; i++)
		if (member(job, batch, i)->last.code == 421)
			return true;
	return false;
}

/* How far a batch has come. */
struct course {
	int sessions;     /* hosts that have listened */
	struct hop tried; /* the first of them, if sessions is not 0 */
	bool go_on;       /* another one may be asked */
};

/*
 * The connection that is open from the last message.  One that is of no use
 * any more costs nothing: it is as if it had not been there.
 */
static int
try_link(struct relay_job *job, const struct route *route,
    const struct relay_batch *batch, struct course *course)
{
	struct relay_session *session = relay_link_take(job->link, route);
	bool go_on;
	int rc;

	if (session == NULL)
		return 0;
	session->id = job->envelope->id;
	session->others = route->count > 1;
	go_on = relay_transaction(session, job, batch);
	if (was_gone(job, session, batch)) {
		relay_link_close(job->link);
		return 0;
	}
	course->sessions = 1;
	course->tried = *session->hop;
	course->go_on = go_on;
	rc = settle(job, batch, session);
	relay_link_keep(job->link, session);
	return rc;
}

/* The hosts one after another, each over a new connection. */
static int
try_hosts(struct relay_job *job, const struct route *route,
    const struct relay_batch *batch, struct course *course)
{
	struct relay_session session = {
		.config = job->config,
		.tls = job->tls,
		.dns = job->dns,
		.id = job->envelope->id,
	};
	int rc = 0;

	for (size_t i = 0; i < route->count && course->go_on && rc == 0 &&
	     course->sessions < SESSIONS_MAX && !is_over(job, batch);
	     i++) {
		const struct hop *hop = &route->hops[i];
		struct reply r;

		if (course->sessions > 0 &&
		    relay_is_same_hop(hop, &course->tried))
			continue;
		r = relay_session_open(&session, hop);
		session.others = job->trouble.code != 0 || i + 1 < route->count;
		if (reply_is_ok(&r)) {
			course->sessions++;
			rc = try_host(job, &session, batch, &course->go_on);
			continue;
		}
		job->trouble = r;
		if (i + 1 < route->count)
			log_next(job, &session, &r);
	}
	return rc;
}

int
relay_batch_send(struct relay_job *job, const struct route *route,
    const struct relay_batch *batch)
{
	struct course course = { .go_on = true };
	int rc = try_link(job, route, batch, &course);

	job->trouble.code = 0;
	if (rc == 0)
		rc = try_hosts(job, route, batch, &course);
	if (rc == 0 && course.sessions == 0)
		return relay_batch_settle(job, batch, &job->trouble);
	job->trouble.code = 0;
	return rc;
}
