/*
 * relay.c - who goes where: recipients are sorted by the way they go.
 *
 * Some domains at a time are looked up, those with the same hosts are one way,
 * and for each hundred of its recipients a transaction is made.  All domains at
 * once would keep the first waiting for the last one's name server.
 */
#include "smtpd/relay.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/dns.h"
#include "common/log.h"
#include "common/tls.h"
#include "smtpd/relay_auth.h"
#include "smtpd/relay_batch.h"

enum { WAYS_MAX = 20 /* domains that are looked up at a time */ };

struct relay {
	const struct config *config;
	struct tls_context *tls;
	struct dns *dns;
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
	dns_close(relay->dns);
	tls_context_free(relay->tls);
	free(relay);
}

/* Where the recipients of a domain go. */
struct way {
	const char *domain; /* of the first of them */
	struct route route;
	struct reply found; /* 250, or why there is none */
	size_t same;        /* the way with the same hosts, itself if none */
};

/* The ways of one turn; turn[] has the number of each recipient's, plus 1. */
struct turn {
	struct relay *relay;
	struct relay_job job;
	struct way ways[WAYS_MAX];
	size_t count;
	size_t *turn;
};

static const char *
domain_of(const struct queue_recipient *rcpt)
{
	const char *at = strrchr(rcpt->address, '@');

	return at == NULL ? "" : at + 1;
}

static bool
is_same_hop(const struct hop *a, const struct hop *b)
{
	return strcasecmp(a->host, b->host) == 0 &&
	    memcmp(&a->address, &b->address, sizeof(a->address)) == 0 &&
	    memcmp(&a->source, &b->source, sizeof(a->source)) == 0 &&
	    a->tls == b->tls && a->secure == b->secure &&
	    a->implicit == b->implicit && strcmp(a->login, b->login) == 0 &&
	    strcmp(a->password_file, b->password_file) == 0;
}

static bool
is_same_route(const struct way *a, const struct way *b)
{
	if (!reply_is_ok(&a->found) || !reply_is_ok(&b->found) ||
	    a->route.count != b->route.count)
		return false;
	for (size_t i = 0; i < a->route.count; i++)
		if (!is_same_hop(&a->route.hops[i], &b->route.hops[i]))
			return false;
	return true;
}

/* The way to DOMAIN, looked up if need be; WAYS_MAX when there is no room. */
static size_t
find_way(struct turn *turn, const char *domain)
{
	struct way *way = &turn->ways[turn->count];
	size_t i = 0;

	while (i < turn->count && strcasecmp(turn->ways[i].domain, domain) != 0)
		i++;
	if (i < turn->count || i == WAYS_MAX)
		return i == WAYS_MAX ? i : turn->ways[i].same;
	*way = (struct way){ .domain = domain };
	way->found = route_find(turn->relay->dns, turn->job.config,
	    turn->job.envelope->sender, domain, &way->route);
	while (way->same < turn->count &&
	    !is_same_route(&turn->ways[way->same], way))
		way->same++;
	turn->count++;
	return way->same;
}

/* Whether anybody still waits for his way. */
static bool
assign(struct turn *turn)
{
	struct queue_entry *envelope = turn->job.envelope;
	bool any = false;

	for (size_t i = 0; i < envelope->recipient_count; i++) {
		const struct queue_recipient *rcpt = &envelope->recipients[i];
		size_t way;

		if (rcpt->local || rcpt->state != RCPT_PENDING ||
		    turn->turn[i] != 0)
			continue;
		way = find_way(turn, domain_of(rcpt));
		turn->turn[i] = way == WAYS_MAX ? 0 : way + 1;
		any = any || way != WAYS_MAX;
	}
	return any;
}

/* Fills BATCH with the next recipients of a way, from *NEXT on. */
static void
fill(const struct turn *turn, size_t way, size_t *next,
    struct relay_batch *batch)
{
	size_t count = turn->job.envelope->recipient_count;

	batch->count = 0;
	for (; *next < count && batch->count < RELAY_BATCH_MAX; (*next)++)
		if (turn->turn[*next] == way + 1)
			batch->members[batch->count++] = *next;
}

static int
serve(struct turn *turn, size_t number)
{
	const struct way *way = &turn->ways[number];
	struct relay_batch batch;
	size_t next = 0;
	int rc = 0;

	for (fill(turn, number, &next, &batch); batch.count > 0 && rc == 0;
	     fill(turn, number, &next, &batch)) {
		if (reply_is_ok(&way->found))
			rc = relay_batch_send(&turn->job, &way->route, &batch);
		else
			rc =
			    relay_batch_settle(&turn->job, &batch, &way->found);
	}
	return rc;
}

/* Who had his turn has no way of the next one. */
static void
end_turn(struct turn *turn)
{
	for (size_t i = 0; i < turn->job.envelope->recipient_count; i++)
		if (turn->turn[i] != 0)
			turn->turn[i] = WAYS_MAX + 1;
	for (size_t i = 0; i < turn->count; i++)
		route_clear(&turn->ways[i].route);
	turn->count = 0;
}

static bool
is_wanted(const struct queue_entry *envelope)
{
	for (size_t i = 0; i < envelope->recipient_count; i++)
		if (!envelope->recipients[i].local &&
		    envelope->recipients[i].state == RCPT_PENDING)
			return true;
	return false;
}

static int
go(struct turn *turn)
{
	int rc = 0;

	while (rc == 0 && assign(turn)) {
		for (size_t i = 0; i < turn->count && rc == 0; i++)
			rc = serve(turn, i);
		end_turn(turn);
	}
	return rc;
}

int
relay_deliver(struct relay *relay, struct queue_entry *envelope, int message_fd,
    int env_fd)
{
	struct turn turn = { .relay = relay };
	int rc;

	if (!is_wanted(envelope))
		return 0;
	turn.job = (struct relay_job){
		.config = relay->config,
		.tls = relay->tls,
		.dns = relay->dns,
		.envelope = envelope,
		.env_fd = env_fd,
	};
	if (relay_message_look(message_fd, &turn.job.message) == -1)
		return -1;
	turn.turn = xcalloc(envelope->recipient_count, sizeof(*turn.turn));
	rc = go(&turn);
	free(turn.turn);
	free(turn.job.signatures);
	return rc;
}
