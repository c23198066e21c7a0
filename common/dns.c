/*
 * dns.c - DNS by libunbound, after the table of hosts.
 *
 * Each question is one ub_resolve(), which runs in this process: the library's
 * asynchronous calls would make a thread or a process, and the sandbox of who
 * asks has neither.  Limit: a question takes as long as the name servers let
 * it; with the settings of dns_library.c that is 5 seconds a server that is
 * silent, 16 with three, and none for the questions after it.
 */
#include "common/dns.h"

#include <arpa/nameser.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unbound.h>

#include "common/dns_hosts.h"
#include "common/dns_ip.h"
#include "common/dns_library.h"
#include "common/dns_private.h"
#include "common/log.h"

enum { CLASS_IN = 1 };
enum { NO_ERROR = 0, NAME_ERROR = 3 };
enum { LABEL_MAX = 63 };

struct dns *
dns_open(const struct config *config)
{
	struct dns *dns = xcalloc(1, sizeof(*dns));

	dns_hosts_read(&dns->hosts, config->dns_hosts_file);
	dns->none = strcmp(config->dns_resolver, "none") == 0;
	if (dns->none)
		return dns;
	dns->context = dns_library_open(config);
	return dns;
}

void
dns_close(struct dns *dns)
{
	if (dns == NULL)
		return;
	if (dns->context != NULL)
		ub_ctx_delete(dns->context);
	dns_hosts_clear(&dns->hosts);
	free(dns);
}

/*
 * A server that does not find all by itself (one of the domain's own, set as
 * resolver by mistake) says whom else to ask, and the library passes that on
 * as "no such records" (RFC 2308 2.2: that comes with a SOA, or nothing).
 */
static bool
is_referral(const struct ub_result *result)
{
	ns_msg packet;
	ns_rr record;
	bool refers = false;

	if (ns_initparse(result->answer_packet, result->answer_len, &packet) ==
	    -1)
		return false;
	for (int i = 0; i < ns_msg_count(packet, ns_s_ns); i++) {
		if (ns_parserr(&packet, ns_s_ns, i, &record) == -1 ||
		    ns_rr_type(record) == ns_t_soa)
			return false;
		if (ns_rr_type(record) == ns_t_ns)
			refers = true;
	}
	return refers;
}

static enum dns_found
judge(const char *name, const struct ub_result *result)
{
	if (result->bogus) {
		log_event(LOG_WARN, "dnssec-bogus", "name=%s why=%s",
		    log_safe(name),
		    log_safe(
			result->why_bogus == NULL ? "" : result->why_bogus));
		return DNS_LATER;
	}
	if (result->rcode == NAME_ERROR)
		return DNS_NO_NAME;
	if (result->rcode != NO_ERROR)
		return DNS_LATER;
	if (result->havedata)
		return DNS_YES;
	return is_referral(result) ? DNS_LATER : DNS_NO_DATA;
}

enum dns_found
dns_ask(struct dns *dns, const char *name, int type, struct ub_result **result)
{
	enum dns_found found;
	int rc;

	*result = NULL;
	if (dns->none)
		return DNS_NO_NAME;
	if (dns->context == NULL)
		return DNS_LATER;
	rc = ub_resolve(dns->context, name, type, CLASS_IN, result);
	if (rc != 0) {
		*result = NULL;
		log_failure("libunbound: %s: %s", log_safe(name),
		    ub_strerror(rc));
		return DNS_LATER;
	}
	found = judge(name, *result);
	if (found != DNS_YES) {
		ub_resolve_free(*result);
		*result = NULL;
	}
	return found;
}

/* About a host: what is none's name is not asked for. */
static enum dns_found
ask(struct dns *dns, const char *name, int type, struct ub_result **result)
{
	*result = NULL;
	return domain_is_valid(name) ? dns_ask(dns, name, type, result)
				     : DNS_NO_NAME;
}

bool
dns_take_name(const unsigned char *data, size_t size, char name[DOMAIN_MAX + 1])
{
	size_t length = 0;
	size_t at = 0;

	while (at < size && data[at] != 0) {
		size_t label = data[at++];

		if (label > LABEL_MAX || label > size - at ||
		    length + label + 1 > DOMAIN_MAX)
			return false;
		if (length > 0)
			name[length++] = '.';
		for (size_t end = at + label; at < end; at++)
			name[length++] = data[at] >= 'A' && data[at] <= 'Z'
			    ? (char)(data[at] - 'A' + 'a')
			    : (char)data[at];
	}
	name[length] = '\0';
	return at + 1 == size && strlen(name) == length &&
	    (length == 0 || domain_is_valid(name));
}

static int
by_preference(const void *a, const void *b)
{
	const struct dns_mx *one = a;
	const struct dns_mx *other = b;

	return one->preference - other->preference;
}

/* RFC 1035 3.3.9: PREFERENCE EXCHANGE */
static bool
take_mx(const char *data, int size, struct dns_mx *mx)
{
	const unsigned char *bytes = (const unsigned char *)data;

	if (size < 3)
		return false;
	mx->preference = bytes[0] << 8 | bytes[1];
	return dns_take_name(bytes + 2, (size_t)size - 2, mx->host);
}

enum dns_found
dns_mx(struct dns *dns, const char *domain, struct dns_mx **mx_out,
    size_t *count_out)
{
	struct ub_result *result;
	enum dns_found found;
	size_t count = 0;

	*mx_out = NULL;
	*count_out = 0;
	if (dns_hosts_find(&dns->hosts, domain, 0) != NULL)
		return DNS_NO_DATA;
	found = ask(dns, domain, DNS_TYPE_MX, &result);
	if (found != DNS_YES)
		return found;
	while (result->data[count] != NULL)
		count++;
	*mx_out = xcalloc(count + 1, sizeof(**mx_out));
	for (size_t i = 0; i < count; i++) {
		if (take_mx(result->data[i], result->len[i],
			&(*mx_out)[*count_out]))
			++*count_out;
		else
			log_event(LOG_WARN, "bad-mx", "domain=%s",
			    log_safe(domain));
	}
	ub_resolve_free(result);
	qsort(*mx_out, *count_out, sizeof(**mx_out), by_preference);
	if (*count_out > DNS_MX_MAX)
		*count_out = DNS_MX_MAX;
	return DNS_YES;
}

/* Addresses of both families, as they come. */
struct pile {
	struct sockaddr_storage v6[DNS_ADDRESSES_MAX];
	struct sockaddr_storage v4[DNS_ADDRESSES_MAX];
	size_t v6_count;
	size_t v4_count;
};

static void
pile_add(struct pile *pile, const struct sockaddr_storage *address)
{
	bool new = address->ss_family == AF_INET6;
	size_t *count = new ? &pile->v6_count : &pile->v4_count;

	if (*count < DNS_ADDRESSES_MAX)
		(new ? pile->v6 : pile->v4)[(*count)++] = *address;
}

static enum dns_found
ask_addresses(struct dns *dns, const char *host, int family, struct pile *pile)
{
	struct sockaddr_storage address;
	struct ub_result *result;
	enum dns_found found = ask(dns, host,
	    family == AF_INET6 ? DNS_TYPE_AAAA : DNS_TYPE_A, &result);

	if (found != DNS_YES)
		return found;
	for (size_t i = 0; result->data[i] != NULL; i++)
		if (dns_take_ip(family, result->data[i], (size_t)result->len[i],
			&address))
			pile_add(pile, &address);
	ub_resolve_free(result);
	return DNS_NO_DATA; /* unless the pile says otherwise */
}

static void
look_up_hosts(const struct dns_hosts *hosts, const char *name,
    struct pile *pile)
{
	const struct dns_host *host = dns_hosts_find(hosts, name, 0);

	for (; host != NULL; host = dns_hosts_find(hosts, name,
				 (size_t)(host - hosts->hosts) + 1))
		pile_add(pile, &host->address);
}

/* IPv6 and IPv4 in turn: where one of them leads nowhere the next does not. */
static size_t
deal(const struct pile *pile, struct sockaddr_storage *out)
{
	size_t count = 0;

	for (size_t i = 0; i < DNS_ADDRESSES_MAX; i++) {
		if (i < pile->v6_count && count < DNS_ADDRESSES_MAX)
			out[count++] = pile->v6[i];
		if (i < pile->v4_count && count < DNS_ADDRESSES_MAX)
			out[count++] = pile->v4[i];
	}
	return count;
}

enum dns_found
dns_addresses(struct dns *dns, const char *host, struct sockaddr_storage **out,
    size_t *count_out)
{
	struct pile pile = { .v6_count = 0 };
	struct sockaddr_storage address;
	enum dns_found found = DNS_NO_DATA;
	enum dns_found other;

	*out = NULL;
	*count_out = 0;
	if (dns_parse_ip(host, &address))
		pile_add(&pile, &address);
	else
		look_up_hosts(&dns->hosts, host, &pile);
	if (pile.v4_count + pile.v6_count == 0) {
		found = ask_addresses(dns, host, AF_INET, &pile);
		other = found == DNS_NO_NAME
		    ? found
		    : ask_addresses(dns, host, AF_INET6, &pile);
		if (found != DNS_LATER)
			found = other;
	}
	if (pile.v4_count + pile.v6_count == 0)
		return found;
	*out = xcalloc(DNS_ADDRESSES_MAX, sizeof(**out));
	*count_out = deal(&pile, *out);
	return DNS_YES;
}
