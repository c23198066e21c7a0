/*
 * spf_check.c - libspf2, with our resolver below it.
 *
 * The library counts the terms that RFC 7208 4.6.4 bounds; those of them that
 * find nothing are counted here; all questions together are bounded by
 * bounded_dns.h.
 */
#include "smtpd/spf_check.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include <spf2/spf.h>

#include "common/address.h"
#include "common/buf.h"
#include "common/mem.h"
#include "smtpd/bounded_dns.h"
#include "smtpd/findings.h"

enum {
	MX_PREFERENCE = 2,
	VOIDS_MAX = 2, /* terms that find nothing, RFC 7208 4.6.4 */
};

struct look_up {
	struct bounded_dns *dns;
	bool unanswered;  /* one of its questions */
	int voids;        /* that found nothing */
	struct buf hosts; /* that an mx or ptr has named, between LFs */
};

/*
 * Whether a term that asks so and finds nothing counts: those of a and exists,
 * and mx itself.  An include of nothing is an error anyhow.
 */
static bool
is_term(const struct look_up *state, const char *name, ns_type type)
{
	char *line;
	bool named;

	if (type == ns_t_mx)
		return true;
	if (type != ns_t_a && type != ns_t_aaaa)
		return false;
	line = xasprintf("\n%s\n", name);
	named = strcasestr(state->hosts.data, line) != NULL;
	free(line);
	return !named;
}

/* What is before the name in a record of that type. */
static size_t
octets_before(ns_type type)
{
	return type == ns_t_mx ? MX_PREFERENCE : 0;
}

static void
note_hosts(struct look_up *state, ns_type type,
    const struct dns_records *records)
{
	char name[DOMAIN_MAX + 1];

	for (size_t i = 0; i < records->count; i++)
		if (dns_take_host(&records->list[i], octets_before(type), name))
			buf_printf(&state->hosts, "\n%s\n", name);
}

/* One answer, in the form the library has for its type. */
static bool
add_answer(SPF_dns_rr_t *answer, ns_type type, const struct dns_record *record)
{
	char name[DOMAIN_MAX + 1];
	int at = answer->num_rr;
	const void *data = record->data;
	size_t size = record->size;

	if (type == ns_t_mx || type == ns_t_ptr) {
		size_t skip = octets_before(type);

		if (size < skip || !dns_take_host(record, skip, name))
			return false;
		data = name;
		size = strlen(name);
	} else if ((type == ns_t_a && size != sizeof(struct in_addr)) ||
	    (type == ns_t_aaaa && size != sizeof(struct in6_addr))) {
		return false;
	}
	if (SPF_dns_rr_buf_realloc(answer, at, size + 1) != SPF_E_SUCCESS)
		return false;
	memcpy(answer->rr[at], data, size);
	if (type != ns_t_a && type != ns_t_aaaa)
		answer->rr[at]->txt[size] = '\0';
	answer->num_rr++;
	return true;
}

static SPF_dns_rr_t *
look_up(SPF_dns_server_t *server, const char *name, ns_type type, int cache)
{
	static const SPF_dns_stat_t stati[] = {
		[DNS_YES] = NETDB_SUCCESS,
		[DNS_NO_NAME] = HOST_NOT_FOUND,
		[DNS_NO_DATA] = NO_DATA,
		[DNS_LATER] = TRY_AGAIN,
	};
	struct look_up *state = server->hook;
	struct dns_records records = { .count = 0 };
	/* Past the bound nothing is asked: so the library comes to an end. */
	enum dns_found found = state->voids > VOIDS_MAX
	    ? DNS_LATER
	    : bounded_dns_ask(state->dns, name, (int)type, &records);
	SPF_dns_rr_t *answer =
	    SPF_dns_rr_new_init(server, name, type, 0, stati[found]);

	(void)cache;
	if (found == DNS_LATER)
		state->unanswered = true;
	else if (found != DNS_YES && is_term(state, name, type))
		state->voids++;
	if (type == ns_t_mx || type == ns_t_ptr)
		note_hosts(state, type, &records);
	for (size_t i = 0; answer != NULL && i < records.count; i++)
		(void)add_answer(answer, type, &records.list[i]);
	dns_records_clear(&records);
	return answer;
}

static enum finding
translate(SPF_result_t result, SPF_errcode_t fault)
{
	switch (result) {
	case SPF_RESULT_PASS:
		return FINDING_PASS;
	case SPF_RESULT_FAIL:
		return FINDING_FAIL;
	case SPF_RESULT_SOFTFAIL:
		return FINDING_SOFTFAIL;
	case SPF_RESULT_NEUTRAL:
		return FINDING_NEUTRAL;
	case SPF_RESULT_TEMPERROR:
		return FINDING_TEMPERROR;
	case SPF_RESULT_PERMERROR:
		return FINDING_PERMERROR;
	case SPF_RESULT_NONE:
		return FINDING_NONE;
	case SPF_RESULT_INVALID:
		break;
	}
	/* It gave up; of a record that is no SPF it says SPF_E_NOT_SPF too. */
	return fault == SPF_E_DNS_ERROR || fault == SPF_E_NO_MEMORY
	    ? FINDING_TEMPERROR
	    : FINDING_PERMERROR;
}

static void
query(SPF_server_t *server, const struct spf_client *client,
    const struct spf_finding *about, enum finding *finding)
{
	SPF_request_t *request = SPF_request_new(server);
	SPF_response_t *response = NULL;
	char *sender = *client->sender == '\0'
	    ? xasprintf("postmaster@%s", about->domain)
	    : xstrdup(client->sender);
	bool new = strchr(client->address, ':') != NULL;

	SPF_request_set_helo_dom(request, client->helo);
	SPF_request_set_env_from(request, sender);
	if ((new ? SPF_request_set_ipv6_str(request, client->address)
		 : SPF_request_set_ipv4_str(request, client->address)) ==
	    SPF_E_SUCCESS) {
		SPF_errcode_t fault =
		    SPF_request_query_mailfrom(request, &response);

		*finding =
		    translate(response == NULL ? SPF_RESULT_INVALID
					       : SPF_response_result(response),
			fault);
	}
	SPF_response_free(response);
	SPF_request_free(request);
	free(sender);
}

/* Whose record it is: the sender's, or without one the host's (2.4). */
static bool
find_domain(const struct spf_client *client, struct spf_finding *finding)
{
	const char *at = strrchr(client->sender, '@');
	const char *name = at == NULL ? client->helo : at + 1;

	finding->helo = *client->sender == '\0';
	return domain_is_valid(name) && strchr(name, '.') != NULL &&
	    copy_string(finding->domain, sizeof(finding->domain), name);
}

void
spf_check(struct bounded_dns *dns, const struct spf_client *client,
    struct spf_finding *finding)
{
	struct look_up state = { .dns = dns, .hosts = BUF_INIT };
	SPF_dns_server_t resolver = {
		.lookup = look_up,
		.name = "postlab",
		.hook = &state,
	};
	SPF_server_t *server;

	*finding = (struct spf_finding){ .finding = FINDING_NONE };
	if (!find_domain(client, finding)) {
		finding->why = "no domain to ask";
		return;
	}
	/* What it thinks of a record it says to standard error. */
	SPF_warning_handler = NULL;
	SPF_info_handler = NULL;
	SPF_debug_handler = NULL;
	server = SPF_server_new_dns(&resolver, 0);
	if (server == NULL) {
		finding->finding = FINDING_TEMPERROR;
		return;
	}
	SPF_server_set_rec_dom(server, client->hostname);
	query(server, client, finding, &finding->finding);
	SPF_server_free(server);
	buf_clear(&state.hosts);
	if (state.voids > VOIDS_MAX) {
		finding->finding = FINDING_PERMERROR;
		finding->why = "too many look-ups that find nothing";
		return;
	}
	/* Of a record that nobody could tell the library says there is none. */
	if (state.unanswered &&
	    (finding->finding == FINDING_TEMPERROR ||
		finding->finding == FINDING_NONE)) {
		finding->finding = FINDING_TEMPERROR;
		finding->why = "DNS does not answer";
	}
}
