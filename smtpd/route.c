/*
 * route.c - where mail for other hosts goes; see the header for the rules.
 *
 * A plan is filled host by host.  Whatever was asked and not answered, or did
 * not exist, is remembered in it: only when no hop comes out does that decide
 * what is said.
 */
#include "smtpd/route.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/config_form.h"
#include "common/dns_ip.h"
#include "common/log.h"
#include "smtpd/route_list.h"
#include "smtpd/route_own.h"

struct plan {
	struct dns *dns;
	const struct config *config;
	const char *domain;
	struct hop like; /* what all hops have in common */
	int port;
	struct route *route;
	bool secure; /* what led to the hosts is proved */
	bool later;  /* an answer is missing */
	bool loops;  /* we are one of the hosts */
};

static struct reply
found(void)
{
	return reply(250, "2.1.5 found");
}

static void
choose_source(struct hop *hop, const char *list)
{
	char word[FORM_WORD_SIZE];

	while (form_next_word(&list, word)) {
		struct sockaddr_storage source;

		if (dns_parse_ip(word, &source) &&
		    source.ss_family == hop->address.ss_family)
			hop->source = source;
	}
}

static void
add_hop(struct plan *plan, const char *host,
    const struct sockaddr_storage *address)
{
	struct route *route = plan->route;
	struct hop *hop;

	if (route->count == ROUTE_HOPS_MAX)
		return;
	if (route->hops == NULL)
		route->hops = xcalloc(ROUTE_HOPS_MAX, sizeof(*route->hops));
	hop = &route->hops[route->count++];
	*hop = plan->like;
	(void)copy_string(hop->host, sizeof(hop->host), host);
	(void)copy_string(hop->domain, sizeof(hop->domain), plan->domain);
	hop->address = *address;
	route_set_port(&hop->address, plan->port);
	choose_source(hop, plan->config->relay_source_address);
}

static bool
is_own(const struct plan *plan, struct sockaddr_storage address)
{
	route_set_port(&address, plan->port);
	return route_is_own_address(plan->config, &address);
}

/* Adds HOST's addresses, none when one of them is ours. */
static enum dns_found
add_host(struct plan *plan, const char *host)
{
	struct sockaddr_storage *addresses;
	size_t count;
	enum dns_found rc = dns_addresses(plan->dns, host, &addresses, &count);

	plan->like.secure = plan->secure && dns_was_secure(plan->dns);
	(void)copy_string(plan->like.tlsa_base, sizeof(plan->like.tlsa_base),
	    dns_canonical_name(plan->dns));
	for (size_t i = 0; i < count; i++)
		if (is_own(plan, addresses[i]))
			plan->loops = true;
	for (size_t i = 0; i < count && !plan->loops; i++)
		add_hop(plan, host, &addresses[i]);
	free(addresses);
	if (rc == DNS_LATER)
		plan->later = true;
	return rc;
}

static struct reply
loops_back(const char *domain)
{
	return reply(554, "5.4.6 mail for %s loops back to me", domain);
}

static struct reply
no_answer(const char *domain)
{
	return reply(451,
	    "4.4.3 the name servers do not say where mail for %s "
	    "goes",
	    domain);
}

static struct reply
no_domain(const char *domain)
{
	return reply(550, "5.1.2 there is no domain %s", domain);
}

/* The domain's own addresses (RFC 5321 5.1), where it has no MX. */
static struct reply
route_to_domain(struct plan *plan)
{
	enum dns_found rc = add_host(plan, plan->domain);

	if (plan->loops)
		return loops_back(plan->domain);
	if (plan->route->count > 0)
		return found();
	if (rc == DNS_LATER)
		return no_answer(plan->domain);
	if (rc == DNS_NO_NAME)
		return no_domain(plan->domain);
	return reply(550, "5.4.4 %s has neither a mail server nor an address",
	    plan->domain);
}

/*
 * Where our name stands in the list, it and all that are not better are not
 * for us to try (RFC 5321 5.1): they would send it back.
 */
static size_t
cut_at_own_name(struct plan *plan, const struct dns_mx *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (route_is_own_name(plan->config, list[i].host)) {
			plan->loops = true;
			return route_list_better(list, count,
			    list[i].preference);
		}
	}
	return count;
}

/* Takes back what was added from hosts of the preference of LIST[AT]. */
static void
forget_equals(struct plan *plan, const size_t *hops_before,
    const struct dns_mx *list, size_t at)
{
	plan->route->count =
	    hops_before[route_list_better(list, at, list[at].preference)];
}

static void
add_exchangers(struct plan *plan, const struct dns_mx *list, size_t count)
{
	bool by_name = plan->loops; /* our name is further down */
	size_t hops_before[DNS_MX_MAX];
	size_t asked = 0;

	plan->loops = false;
	for (size_t i = 0; i < count && asked < ROUTE_HOSTS_MAX; i++) {
		hops_before[i] = plan->route->count;
		if (*list[i].host == '\0' || route_list_repeats(list, i))
			continue;
		asked++;
		(void)add_host(plan, list[i].host);
		if (plan->loops) {
			forget_equals(plan, hops_before, list, i);
			return;
		}
	}
	plan->loops = by_name;
}

static struct reply
route_by_mx(struct plan *plan, struct dns_mx *list, size_t count)
{
	if (route_list_is_null(list, count))
		return reply(556, "5.1.10 %s takes no mail", plan->domain);
	route_list_shuffle(list, count);
	count = cut_at_own_name(plan, list, count);
	add_exchangers(plan, list, count);
	if (plan->route->count > 0)
		return found();
	/* A better one that may be there is not given up for a loop. */
	if (plan->later)
		return no_answer(plan->domain);
	if (plan->loops)
		return loops_back(plan->domain);
	return reply(550, "5.4.4 no mail server of %s has an address",
	    plan->domain);
}

static struct reply
route_by_dns(struct plan *plan)
{
	struct dns_mx *list;
	struct reply r;
	size_t count;
	enum dns_found found = dns_mx(plan->dns, plan->domain, &list, &count);

	plan->secure = dns_was_secure(plan->dns);
	switch (found) {
	case DNS_YES:
		r = route_by_mx(plan, list, count);
		free(list);
		return r;
	case DNS_LATER:
		return no_answer(plan->domain);
	case DNS_NO_NAME:
		return no_domain(plan->domain);
	case DNS_NO_DATA:
		break;
	}
	return route_to_domain(plan);
}

/* RFC 5321 4.1.3: [192.0.2.1], [IPv6:2001:db8::1] */
static struct reply
route_to_literal(struct plan *plan)
{
	static const char tag[] = "IPv6:";
	const char *text = plan->domain + 1;
	struct sockaddr_storage address;
	char ip[FORM_WORD_SIZE];

	if (strncasecmp(text, tag, strlen(tag)) == 0)
		text += strlen(tag);
	if (!copy_string(ip, sizeof(ip), text) || *ip == '\0' ||
	    ip[strlen(ip) - 1] != ']')
		return reply(550, "5.1.2 %s is no address of a host",
		    log_safe(plan->domain));
	ip[strlen(ip) - 1] = '\0';
	if (!dns_parse_ip(ip, &address))
		return reply(550, "5.1.2 %s is no address of a host",
		    log_safe(plan->domain));
	if (is_own(plan, address))
		return loops_back(plan->domain);
	add_hop(plan, plan->domain, &address);
	return found();
}

/*
 * That a smarthost has no address is the operator's mistake or an accident of
 * his DNS: the mail waits for him.
 */
static struct reply
route_to_host(struct plan *plan, const struct route_rule *rule)
{
	plan->secure = true; /* the operator has said it */
	(void)add_host(plan, rule->host);
	if (plan->loops)
		return loops_back(plan->domain);
	if (plan->route->count > 0)
		return found();
	if (plan->later)
		return no_answer(rule->host);
	return reply(451, "4.4.3 %s, where [route %s] leads, has no address",
	    rule->host, rule->name);
}

static struct hop
hop_like(const struct config *config, const struct route_rule *rule)
{
	struct hop hop = {
		.tls = config->relay_tls,
		.login = "",
		.password_file = "",
	};

	if (rule == NULL)
		return hop;
	hop.tls = rule->tls;
	hop.implicit = rule->implicit_tls;
	if (hop.implicit && hop.tls == RELAY_TLS_MAY)
		hop.tls = RELAY_TLS_ENCRYPT;
	hop.login = rule->login;
	hop.password_file = rule->password_file;
	return hop;
}

struct reply
route_find(struct dns *dns, const struct config *config, const char *sender,
    const char *domain, struct route *route_out)
{
	const struct route_rule *rule = route_pick(config, sender, domain);
	struct plan plan = {
		.dns = dns,
		.config = config,
		.domain = domain,
		.like = hop_like(config, rule),
		.port = rule == NULL ? config->relay_port : rule->port,
		.route = route_out,
	};

	*route_out = (struct route){ .count = 0 };
	if (rule != NULL && strcmp(rule->host, "mx") != 0)
		return route_to_host(&plan, rule);
	if (*domain == '[')
		return route_to_literal(&plan);
	return route_by_dns(&plan);
}

void
route_clear(struct route *route)
{
	free(route->hops);
	*route = (struct route){ .count = 0 };
}
