/* check_route.c - the answer of route.h, for people. */
#include "smtpd/check_route.h"

#include <netdb.h>
#include <stdio.h>
#include <sys/socket.h>

#include "common/log.h"
#include "smtpd/route.h"

static const char *const tls_words[] = {
	[RELAY_TLS_OFF] = "in clear",
	[RELAY_TLS_MAY] = "TLS where it is offered",
	[RELAY_TLS_ENCRYPT] = "TLS or not at all",
	[RELAY_TLS_VERIFY] = "TLS with a good certificate or not at all",
	[RELAY_TLS_DANE] = "TLS where it is offered, or as TLSA records say",
};

static void
print_hop(const struct hop *hop, int indent)
{
	char address[NI_MAXHOST] = "";
	char port[NI_MAXSERV] = "";

	(void)getnameinfo((const struct sockaddr *)&hop->address,
	    sizeof(hop->address), address, sizeof(address), port, sizeof(port),
	    NI_NUMERICHOST | NI_NUMERICSERV);
	printf("%*shost %s, address %s, port %s, %s", indent, "",
	    log_safe(hop->host), address, port, tls_words[hop->tls]);
	if (*hop->login != '\0')
		printf(", logged in as %s", log_safe(hop->login));
	printf("\n");
}

void
check_route_print(const struct config *config, const struct address *sender,
    const char *domain, int indent)
{
	char from[ADDRESS_TEXT_MAX];
	struct dns *dns = dns_open(config);
	const struct route_rule *rule;
	struct route route = { 0 };
	struct reply r;

	address_format(sender, from, sizeof(from));
	rule = route_pick(config, from, domain);
	if (rule != NULL)
		printf("%*srelayed: [route %s]\n", indent, "", rule->name);
	else
		printf("%*srelayed: as the DNS says\n", indent, "");
	r = route_find(dns, config, from, domain, &route);
	if (!reply_is_ok(&r))
		printf("%*s%d %s\n", indent + 2, "", r.code, r.text);
	for (size_t i = 0; i < route.count; i++)
		print_hop(&route.hops[i], indent + 2);
	route_clear(&route);
	dns_close(dns);
}
