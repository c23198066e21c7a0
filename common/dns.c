/*
 * dns.c - DNS by libunbound, after the table of hosts.
 *
 * What is asked for one thing (both kinds of addresses) is asked at once, and
 * no longer than [dns] timeout: dns_ask.c, dns_loop.c.
 */
#include "common/dns.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unbound.h>

#include "common/dns_ask.h"
#include "common/dns_hosts.h"
#include "common/dns_ip.h"
#include "common/dns_library.h"
#include "common/dns_loop.h"
#include "common/dns_private.h"
#include "common/log.h"

enum { LABEL_MAX = 63 };

struct dns *
dns_open(const struct config *config)
{
	struct dns *dns = xcalloc(1, sizeof(*dns));

	dns_hosts_read(&dns->hosts, config->dns_hosts_file);
	dns->timeout = config->dns_timeout;
	dns->none = strcmp(config->dns_resolver, "none") == 0;
	if (dns->none)
		return dns;
	dns->loop = dns_loop_new();
	dns->context = dns_library_open(config, dns->loop);
	return dns;
}

void
dns_close(struct dns *dns)
{
	if (dns == NULL)
		return;
	if (dns->context != NULL)
		ub_ctx_delete(dns->context);
	dns_loop_free(dns->loop);
	dns_hosts_clear(&dns->hosts);
	free(dns);
}

bool
dns_was_secure(const struct dns *dns)
{
	return dns->secure;
}

const char *
dns_canonical_name(const struct dns *dns)
{
	return dns->canonical;
}

/* Of what is said next nothing is proved yet. */
static void
begin(struct dns *dns)
{
	dns->secure = false;
	dns->canonical[0] = '\0';
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
take_mx(const unsigned char *data, size_t size, struct dns_mx *mx)
{
	if (size < 3)
		return false;
	mx->preference = data[0] << 8 | data[1];
	return dns_take_name(data + 2, size - 2, mx->host);
}

static void
take_exchangers(const struct dns_question *q, struct dns_mx **mx_out,
    size_t *count_out)
{
	const unsigned char *data;
	size_t cursor = 0;
	size_t records = 0;
	size_t size;

	while (dns_next_record(q, &cursor, &size) != NULL)
		records++;
	*mx_out = xcalloc(records + 1, sizeof(**mx_out));
	cursor = 0;
	while ((data = dns_next_record(q, &cursor, &size)) != NULL) {
		if (take_mx(data, size, &(*mx_out)[*count_out]))
			++*count_out;
		else
			log_event(LOG_WARN, "bad-mx", "domain=%s",
			    log_safe(q->name));
	}
	qsort(*mx_out, *count_out, sizeof(**mx_out), by_preference);
	if (*count_out > DNS_MX_MAX)
		*count_out = DNS_MX_MAX;
}

enum dns_found
dns_mx(struct dns *dns, const char *domain, struct dns_mx **mx_out,
    size_t *count_out)
{
	struct dns_question q = { .name = domain, .type = DNS_TYPE_MX };

	*mx_out = NULL;
	*count_out = 0;
	begin(dns);
	if (dns_hosts_find(&dns->hosts, domain, 0) != NULL)
		return DNS_NO_DATA;
	if (!domain_is_valid(domain))
		return DNS_NO_NAME;
	dns_ask(dns, &q, 1);
	dns->secure = q.secure;
	if (q.found == DNS_YES)
		take_exchangers(&q, mx_out, count_out);
	dns_question_clear(&q);
	return q.found;
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

static void
take_addresses(const struct dns_question *q, struct pile *pile)
{
	int family = q->type == DNS_TYPE_AAAA ? AF_INET6 : AF_INET;
	struct sockaddr_storage address;
	const unsigned char *data;
	size_t cursor = 0;
	size_t size;

	while ((data = dns_next_record(q, &cursor, &size)) != NULL)
		if (dns_take_ip(family, data, size, &address))
			pile_add(pile, &address);
}

/* Where HOST leads; DNS_NO_DATA too with addresses in the pile. */
static enum dns_found
ask_addresses(struct dns *dns, const char *host, struct pile *pile)
{
	struct dns_question q[] = {
		{ .name = host, .type = DNS_TYPE_A },
		{ .name = host, .type = DNS_TYPE_AAAA },
	};
	enum dns_found found = DNS_NO_DATA;
	bool secure = true;

	if (!domain_is_valid(host))
		return DNS_NO_NAME;
	dns_ask(dns, q, COUNT(q));
	for (size_t i = 0; i < COUNT(q); i++) {
		if (q[i].found == DNS_YES) {
			take_addresses(&q[i], pile);
			(void)copy_string(dns->canonical,
			    sizeof(dns->canonical), q[i].canonical);
		}
		if (q[i].found == DNS_LATER)
			found = DNS_LATER;
		else if (q[i].found == DNS_NO_NAME && found != DNS_LATER)
			found = DNS_NO_NAME;
		secure = secure && (q[i].secure || q[i].found == DNS_LATER);
		dns_question_clear(&q[i]);
	}
	dns->secure = secure && pile->v4_count + pile->v6_count > 0;
	return found;
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

	*out = NULL;
	*count_out = 0;
	begin(dns);
	if (dns_parse_ip(host, &address))
		pile_add(&pile, &address);
	else
		look_up_hosts(&dns->hosts, host, &pile);
	if (pile.v4_count + pile.v6_count == 0)
		found = ask_addresses(dns, host, &pile);
	if (pile.v4_count + pile.v6_count == 0)
		return found;
	*out = xcalloc(DNS_ADDRESSES_MAX, sizeof(**out));
	*count_out = deal(&pile, *out);
	return DNS_YES;
}

/* RFC 6698 2.1: usage, selector, matching type, data */
static bool
take_tlsa(const unsigned char *data, size_t size, struct dns_tlsa *tlsa)
{
	if (size < 4 || size - 3 > sizeof(tlsa->data))
		return false;
	tlsa->usage = data[0];
	tlsa->selector = data[1];
	tlsa->matching = data[2];
	tlsa->size = size - 3;
	memcpy(tlsa->data, data + 3, tlsa->size);
	return true;
}

enum dns_found
dns_tlsa(struct dns *dns, const char *host, int port, struct dns_tlsa **out,
    size_t *count_out)
{
	char *name = xasprintf("_%d._tcp.%s", port, host);
	struct dns_question q = { .name = name, .type = DNS_TYPE_TLSA };
	const unsigned char *data;
	size_t cursor = 0;
	size_t size;

	*out = NULL;
	*count_out = 0;
	begin(dns);
	q.found = DNS_NO_NAME;
	if (domain_is_valid(host))
		dns_ask(dns, &q, 1);
	dns->secure = q.secure;
	if (q.found == DNS_YES) {
		*out = xcalloc(DNS_TLSA_MAX, sizeof(**out));
		while (*count_out < DNS_TLSA_MAX &&
		    (data = dns_next_record(&q, &cursor, &size)) != NULL)
			if (take_tlsa(data, size, &(*out)[*count_out]))
				++*count_out;
	}
	dns_question_clear(&q);
	free(name);
	return q.found;
}
