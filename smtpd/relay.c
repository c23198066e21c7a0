/*
 * relay.c - from a destination to its route, and a hundred recipients at a
 * time along it.
 *
 * All recipients of one destination have one route: it is a domain, or what a
 * [route NAME] section sends to its host.
 */
#include "smtpd/relay.h"

#include <stdlib.h>
#include <string.h>

#include "common/dns.h"
#include "common/log.h"
#include "common/tls.h"
#include "smtpd/destination.h"
#include "smtpd/relay_auth.h"
#include "smtpd/relay_batch.h"
#include "smtpd/relay_seven.h"

struct relay {
	const struct config *config;
	struct tls_context *tls;
	struct dns *dns;
	struct relay_link link;
	struct relay_bdat bdat;
};

struct relay *
relay_open(const struct config *config)
{
	const char *file = config->relay_ca_file;
	struct relay *relay = xcalloc(1, sizeof(*relay));

	relay->config = config;
	relay->tls = tls_client_context(*file == '\0' ? NULL : file);
	/* Without authorities there is still TLS where any certificate will
	 * do. */
	if (relay->tls == NULL)
		relay->tls = tls_client_context("/dev/null");
	relay->dns = dns_open(config);
	relay_auth_prepare(config);
	return relay;
}

void
relay_close(struct relay *relay)
{
	if (relay == NULL)
		return;
	relay_hang_up(relay);
	dns_close(relay->dns);
	tls_context_free(relay->tls);
	free(relay);
}

/* Fills BATCH with those who wait for DESTINATION, from *NEXT on. */
static void
fill(const struct relay_job *job, const char *destination, size_t *next,
    struct relay_batch *batch)
{
	struct queue_entry *envelope = job->envelope;

	batch->count = 0;
	for (; *next < envelope->recipient_count &&
	     batch->count < RELAY_BATCH_MAX;
	     (*next)++)
		if (destination_is(job->config, envelope,
			&envelope->recipients[*next], destination))
			batch->members[batch->count++] = *next;
}

static const char *
domain_of(const struct queue_recipient *rcpt)
{
	const char *at = strrchr(rcpt->address, '@');

	return at == NULL ? "" : at + 1;
}

/* Sends to BATCH and all who come after it. */
static int
serve(struct relay_job *job, const struct relay *relay, const char *destination,
    struct relay_batch *batch, size_t next)
{
	const char *domain =
	    domain_of(&job->envelope->recipients[batch->members[0]]);
	struct route route;
	struct reply found = route_find(relay->dns, relay->config,
	    job->envelope->sender, domain, &route);
	int rc = 0;

	if (reply_is_temporary(&found))
		job->trouble = found;
	for (; batch->count > 0 && rc == 0;
	     fill(job, destination, &next, batch)) {
		if (reply_is_ok(&found))
			rc = relay_batch_send(job, &route, batch);
		else
			rc = relay_batch_settle(job, batch, &found);
	}
	route_clear(&route);
	return rc;
}

int
relay_deliver(struct relay *relay, const struct relay_errand *errand,
    struct reply *why_out)
{
	struct relay_job job = {
		.config = relay->config,
		.tls = relay->tls,
		.dns = relay->dns,
		.link = &relay->link,
		.bdat = &relay->bdat,
		.envelope = errand->envelope,
		.env_fd = errand->env_fd,
	};
	struct relay_batch batch;
	size_t next = 0;
	int rc;

	*why_out = (struct reply){ 0 };
	fill(&job, errand->destination, &next, &batch);
	if (batch.count == 0)
		return 0;
	if (relay_message_look(errand->message_fd, &job.message) == -1)
		return -1;
	rc = serve(&job, relay, errand->destination, &batch, next);
	*why_out = job.trouble;
	free(job.signatures);
	relay_seven_free(job.seven);
	return rc;
}

int
relay_kept_fd(const struct relay *relay)
{
	return relay_link_fd(&relay->link);
}

void
relay_hang_up(struct relay *relay)
{
	relay_link_close(&relay->link);
}
