/*
 * judge.c - the session's part: asks, writes the field, says the refusal.
 *
 * The helper has read hostile bytes, so what it says is not believed blindly:
 * it can say nothing but lines of this one field.
 */
#include "smtpd/judge.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/conn.h"
#include "common/desk.h"
#include "common/log.h"
#include "smtpd/intake.h"
#include "smtpd/session.h"

/* What is written when there is no answer. */
static const char unknown_results[] =
    ";\n\tdkim=temperror;\n\tspf=temperror;\n\tdmarc=temperror\n";

static const char unknown_summary[] =
    "spf=temperror dkim=temperror dmarc=temperror reject=no";

bool
judge_is_wanted(const struct config *config)
{
	/* Without DNS all that could be said is that nobody knows. */
	if (strcmp(config->dns_resolver, "none") == 0)
		return false;
	for (size_t i = 0; i < config->listener_count; i++)
		if (config->listeners[i].authenticity != AUTHENTICITY_OFF)
			return true;
	return false;
}

static bool
is_loopback(const char *address)
{
	struct in6_addr new;
	struct in_addr old;

	if (inet_pton(AF_INET, address, &old) == 1)
		return ntohl(old.s_addr) >> 24 == 127;
	return inet_pton(AF_INET6, address, &new) == 1 &&
	    IN6_IS_ADDR_LOOPBACK(&new);
}

static bool
is_judged(const struct session *s)
{
	return judge_is_wanted(s->service->config) &&
	    s->listener->authenticity != AUTHENTICITY_OFF &&
	    *s->login == '\0' && s->peer->port != 0 &&
	    !is_loopback(s->peer->address);
}

/*
 * SUMMARY LF RESULTS: whether TEXT is that, printable ASCII, and each line of
 * the results goes on with the field.
 */
static bool
is_wellformed(const char *text)
{
	const char *end = strchr(text, '\n');

	if (end == NULL || strncmp(end, "\n;\n\t", 4) != 0)
		return false;
	for (const char *c = text; *c != '\0'; c++) {
		bool line = *c == '\n' && c > end + 1 && c[1] != '\0';

		if (line && c[1] != '\t')
			return false;
		if ((*c < ' ' || *c > '~') && *c != '\n' && *c != '\t')
			return false;
	}
	return text[strlen(text) - 1] == '\n';
}

/* SUMMARY, taken apart. */
struct summary {
	char spf[16];
	char dkim[16];
	char dmarc[16];
	char reject[8];
};

/* False when TEXT is none. */
static bool
read_summary(const char *text, struct summary *summary)
{
	int size = 0;

	return sscanf(text,
		   "spf=%15[a-z] dkim=%15[a-z] dmarc=%15[a-z] reject=%7[a-z]%n",
		   summary->spf, summary->dkim, summary->dmarc, summary->reject,
		   &size) == 4 &&
	    text[size] == '\n';
}

/* Fills TEXT with SUMMARY LF RESULTS, whatever happens. */
static void
ask(const struct session *s, int fd, struct summary *summary, struct buf *text)
{
	const struct config *config = s->service->config;
	const struct queue_entry *envelope = &s->transaction.envelope;
	char *question = xasprintf("%s\n%s\n%s\n", s->peer->address, s->helo,
	    envelope->sender);
	int rc = desk_ask("smtpd", "judge", question, fd,
	    config->authenticity_timeout, text);
	bool good = rc == 0 && is_wellformed(text->data) &&
	    read_summary(text->data, summary);

	if (!good) {
		log_event(LOG_WARN, "not-judged", "%s why=%s",
		    envelope_log(envelope),
		    rc == -1 ? log_safe(strerrordesc_np(errno))
			     : "\"odd answer\"");
		buf_reset(text);
		buf_printf(text, "%s\n%s", unknown_summary, unknown_results);
		(void)read_summary(text->data, summary);
	}
	free(question);
}

/* The refusal, where it is wanted and asked for. */
static struct reply
decide(const struct session *s, const struct summary *summary)
{
	if (s->listener->authenticity != AUTHENTICITY_ENFORCE ||
	    strcmp(summary->reject, "yes") != 0)
		return reply(250, "2.0.0 Ok");
	return strcmp(summary->dmarc, "permerror") == 0
	    ? reply(550,
		  "5.6.0 A message has one From field, not more, and addresses "
		  "in it that can be read (RFC 5322 3.6)")
	    : reply(550,
		  "5.7.26 The domain in From does not vouch for this "
		  "message, and asks that such mail be refused (DMARC)");
}

struct reply
judge_message(struct session *s)
{
	struct intake *intake = s->transaction.intake;
	struct buf text = BUF_INIT;
	struct buf field = BUF_INIT;
	struct summary summary;
	struct reply r;
	int fd;

	if (!is_judged(s))
		return reply(250, "2.0.0 Ok");
	fd = intake_message(intake);
	if (fd == -1)
		return reply(452, "4.3.1 Insufficient system storage");
	ask(s, fd, &summary, &text);
	log_event(LOG_INFO, "authenticity", "%s spf=%s dkim=%s dmarc=%s",
	    envelope_log(&s->transaction.envelope), summary.spf, summary.dkim,
	    summary.dmarc);
	r = decide(s, &summary);
	buf_printf(&field, "Authentication-Results: %s%s",
	    s->service->config->hostname, strchr(text.data, '\n') + 1);
	if (mail_spool_prepend(&intake->spool, field.data) == -1)
		r = reply(452, "4.3.1 Insufficient system storage");
	buf_clear(&field);
	buf_clear(&text);
	return r;
}
