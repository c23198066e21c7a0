/*
 * config_check.c - what no single key of postlab.conf shows: keys that
 * contradict one another (a mistake), and what is risky though allowed (a
 * warning of `postlab config check`).
 */
#include "common/config_check.h"

#include <stdlib.h>
#include <string.h>

#include "common/config.h"

enum { ADDRESS_SIZE = 64 };

int
config_well_known_port(const struct listener *listener)
{
	bool implicit = listener->tls == TLS_IMPLICIT;

	switch (listener->protocol) {
	case PROTO_MTA:
		return 25;
	case PROTO_MSA:
		return implicit ? 465 : 587;
	case PROTO_LMTP:
		return 24;
	case PROTO_POP3:
		return implicit ? 995 : 110;
	}
	return 0;
}

static bool
is_unix(const struct listener *listener)
{
	return strncmp(listener->address, "unix:", 5) == 0;
}

/* Copies the next address of a blank-separated list; false at its end. */
static bool
next_address(const char **cursor, char address[ADDRESS_SIZE])
{
	size_t length;

	*cursor += strspn(*cursor, " \t");
	length = strcspn(*cursor, " \t");
	if (length == 0)
		return false;
	if (length >= ADDRESS_SIZE)
		length = ADDRESS_SIZE - 1;
	memcpy(address, *cursor, length);
	address[length] = '\0';
	*cursor += strcspn(*cursor, " \t");
	return true;
}

static bool
share_address(const struct listener *a, const struct listener *b)
{
	const char *rest_a = a->address;
	char one[ADDRESS_SIZE];
	char other[ADDRESS_SIZE];

	while (next_address(&rest_a, one)) {
		const char *rest_b = b->address;

		while (next_address(&rest_b, other)) {
			if (strcmp(one, other) == 0)
				return true;
		}
	}
	return false;
}

static bool
collide(const struct listener *a, const struct listener *b)
{
	if (is_unix(a) || is_unix(b))
		return strcmp(a->address, b->address) == 0;
	return a->port == b->port && share_address(a, b);
}

static bool
is_listener_consistent(const struct config *config, size_t at,
    struct buf *mistake)
{
	const struct listener *l = &config->listeners[at];

	if (l->protocol == PROTO_LMTP && l->tls != TLS_OFF) {
		buf_printf(mistake,
		    "[listen %s] tls must be off: mda speaks "
		    "no TLS",
		    l->name);
		return false;
	}
	if (l->tls != TLS_OFF && l->leniency == STRICT &&
	    *config->tls_keylog != '\0') {
		buf_printf(mistake,
		    "[server] tls_keylog is for a class, and [listen %s] is "
		    "not leniency = classroom",
		    l->name);
		return false;
	}
	if (*l->fault_times != '\0' && !l->faults) {
		buf_printf(mistake,
		    "[listen %s] fault_times needs faults = yes", l->name);
		return false;
	}
	if (l->protocol != PROTO_LMTP && is_unix(l)) {
		buf_printf(mistake,
		    "[listen %s] only lmtp can have a unix "
		    "socket",
		    l->name);
		return false;
	}
	if (!is_unix(l) && l->port + config->port_base > 65535) {
		buf_printf(mistake,
		    "[listen %s] port %d and port_base %d are "
		    "more than 65535",
		    l->name, l->port, config->port_base);
		return false;
	}
	for (size_t i = 0; i < at; i++) {
		if (collide(&config->listeners[i], l)) {
			buf_printf(mistake,
			    "[listen %s] has the same address "
			    "and port as [listen %s]",
			    l->name, config->listeners[i].name);
			return false;
		}
	}
	return true;
}

bool
config_is_consistent(const struct config *config, struct config_place *at,
    struct buf *mistake)
{
	at->part = PART_LISTENER;
	for (at->n = 0; at->n < config->listener_count; at->n++)
		if (!is_listener_consistent(config, at->n, mistake))
			return false;
	at->part = PART_ROUTE;
	for (at->n = 0; at->n < config->route_count; at->n++)
		if (!config_is_route_consistent(config, at->n, mistake))
			return false;
	at->part = PART_WHOLE;
	if (config->domain == NULL) {
		buf_addstr(mistake, "[server] domain must be set");
		return false;
	}
	if (config->queue_retry_max < config->queue_retry_min) {
		buf_addstr(mistake, "[queue] retry_max is less than retry_min");
		return false;
	}
	return true;
}

static bool
is_loopback(const struct listener *listener)
{
	const char *rest = listener->address;
	char address[ADDRESS_SIZE];

	if (is_unix(listener))
		return true;
	while (next_address(&rest, address)) {
		if (strncmp(address, "127.", 4) != 0 &&
		    strcmp(address, "::1") != 0)
			return false;
	}
	return true;
}

static bool
has_listener(const struct config *config, enum protocol one,
    enum protocol other)
{
	for (size_t i = 0; i < config->listener_count; i++)
		if (config->listeners[i].protocol == one ||
		    config->listeners[i].protocol == other)
			return true;
	return false;
}

/* Whether smtpd.lmtp is a listener of ours, or another host. */
static bool
is_mda_reachable(const struct config *config)
{
	long port = strtol(strrchr(config->lmtp, ':') + 1, NULL, 10);
	bool here = strncmp(config->lmtp, "unix:", 5) == 0 ||
	    strncmp(config->lmtp, "127.", 4) == 0 ||
	    strncmp(config->lmtp, "[::1]", 5) == 0;

	for (size_t i = 0; i < config->listener_count; i++) {
		const struct listener *l = &config->listeners[i];

		if (l->protocol == PROTO_LMTP &&
		    (is_unix(l) ? strcmp(l->address, config->lmtp) == 0
				: l->port + config->port_base == port))
			return true;
	}
	return !here;
}

/* Calls for a warning when HOLDS; one row a risk. */
struct risk {
	bool holds;
	const char *sentence;
};

static int
warn_listener(const struct listener *l, FILE *to)
{
	bool open = !is_loopback(l);
	bool smtp = l->protocol == PROTO_MTA || l->protocol == PROTO_MSA;
	bool pop3 = l->protocol == PROTO_POP3;
	bool logins = l->auth != AUTH_OFF || pop3;
	const struct risk risks[] = {
		{ open && l->cleartext && logins,
		    "cleartext = yes: passwords cross the network unencrypted" },
		{ !open && l->cleartext && logins,
		    "cleartext = yes: passwords are taken unencrypted, though "
		    "only from programs on this machine" },
		{ open && l->tls == TLS_OFF && smtp,
		    "tls = off: mail crosses the network unencrypted" },
		{ open && l->leniency == CLASSROOM,
		    "leniency = classroom is for a machine of one's own, and "
		    "this address can be reached from outside" },
		{ l->faults && l->leniency == STRICT,
		    "faults = yes: mail for recipients such as 450.busy and "
		    "timeout.data is refused on purpose; for labs alone" },
		{ open && l->protocol == PROTO_LMTP,
		    "whoever reaches this address can put mail into any "
		    "mailbox: LMTP asks for no login" },
		{ l->evidence && l->protocol == PROTO_LMTP,
		    "evidence = yes: sessions of LMTP are not recorded" },
		{ l->evidence && l->evidence_secrets && (smtp || pop3),
		    "evidence_secrets = yes: passwords are recorded in clear" },
		{ pop3 && !config_lists(l->capabilities, "USER") &&
			!config_lists(l->capabilities, "SASL"),
		    "capabilities without USER and SASL: nobody can log in" },
		{ pop3 && l->tls == TLS_REQUIRED &&
			!config_lists(l->capabilities, "STLS"),
		    "tls = required and capabilities without STLS: nobody can "
		    "log in" },
		{ smtp && l->auth == AUTH_REQUIRED && !config_offers(l, "AUTH"),
		    "auth = required and extensions without AUTH: nobody can "
		    "send" },
		{ smtp && l->tls == TLS_REQUIRED &&
			!config_offers(l, "STARTTLS"),
		    "tls = required and extensions without STARTTLS: nobody "
		    "can send" },
		{ l->protocol == PROTO_MSA && l->auth != AUTH_REQUIRED,
		    "a submission port that does not require a login "
		    "(RFC 6409 4.3)" },
	};
	int count = 0;

	for (size_t i = 0; i < COUNT(risks); i++) {
		if (risks[i].holds) {
			fprintf(to, "[listen %s] %s\n", l->name,
			    risks[i].sentence);
			count++;
		}
	}
	return count;
}

int
config_warn(const struct config *config, FILE *to)
{
	const struct risk risks[] = {
		{ config->teaching,
		    "[auth] teaching = yes: for each password set, an MD5 "
		    "secret is kept from which a weak password is quickly "
		    "guessed" },
		{ config->apop && config->teaching,
		    "[auth] apop = yes: the secrets of postlab user apop are "
		    "kept in clear, and whoever reads secrets.sqlite can fetch "
		    "those people's mail" },
		{ config->apop && !config->teaching,
		    "[auth] apop = yes does nothing without teaching = yes" },
		{ *config->tls_keylog != '\0',
		    "[server] tls_keylog: WHOEVER READS THAT FILE CAN DECRYPT "
		    "EVERY SESSION, passwords and mail; take it out after the "
		    "lesson" },
		{ config->smtpd_workers < config->smtpd_per_address,
		    "[smtpd] one address may take all workers: per_address "
		    "is not less than workers" },
		{ config->pop3d_workers < config->pop3d_per_address,
		    "[pop3d] one address may take all workers: per_address "
		    "is not less than workers" },
		{ config->pop3d_timeout < 600,
		    "[pop3d] timeout: RFC 1939 3 asks for at least 10m" },
		{ config->command_timeout < 300,
		    "[smtpd] command_timeout: RFC 5321 4.5.3.2.7 asks for at "
		    "least 5m" },
		{ config->max_recipients < 100,
		    "[smtpd] max_recipients: RFC 5321 4.5.3.1.8 asks for at "
		    "least 100" },
		{ !has_listener(config, PROTO_MTA, PROTO_MSA),
		    "no [listen NAME] section has protocol = mta or msa: smtpd "
		    "will not start" },
		{ !has_listener(config, PROTO_LMTP, PROTO_LMTP),
		    "no [listen NAME] section has protocol = lmtp: mda will "
		    "not start" },
		{ !has_listener(config, PROTO_POP3, PROTO_POP3),
		    "no [listen NAME] section has protocol = pop3: pop3d will "
		    "not start" },
		{ has_listener(config, PROTO_LMTP, PROTO_LMTP) &&
			!is_mda_reachable(config),
		    "[smtpd] lmtp is no address of a [listen NAME] section "
		    "with protocol = lmtp: all local mail will wait in the "
		    "queue" },
	};
	int count = 0;

	for (size_t i = 0; i < COUNT(risks); i++) {
		if (risks[i].holds) {
			fprintf(to, "%s\n", risks[i].sentence);
			count++;
		}
	}
	for (size_t i = 0; i < config->listener_count; i++)
		count += warn_listener(&config->listeners[i], to);
	for (size_t i = 0; i < config->route_count; i++)
		count += config_warn_route(&config->routes[i], to);
	return count;
}
