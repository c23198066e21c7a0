/*
 * config_check_route.c - what no single key of a [route NAME] shows: keys that
 * contradict one another, and what is risky though allowed.
 */
#include "common/config_check.h"

#include <string.h>

#include "common/config.h"
#include "common/config_form.h"

int
config_port_of_route(const struct config *config,
    const struct route_rule *route)
{
	if (route->implicit_tls)
		return 465;
	return strcmp(route->host, "mx") == 0 ? config->relay_port : 25;
}

static bool
share_word(const char *a, const char *b)
{
	char word[FORM_WORD_SIZE];

	while (form_next_word(&a, word))
		if (form_has_word(b, word))
			return true;
	return false;
}

/* What contradicts what in R alone; NULL for nothing. */
static const char *
find_contradiction(const struct route_rule *r)
{
	bool logs_in = *r->login != '\0';

	if (r->implicit_tls && r->tls == RELAY_TLS_OFF)
		return "implicit_tls = yes is no tls = off";
	if (logs_in && strcmp(r->host, "mx") == 0)
		return "login is for one host, not for mx";
	if (logs_in && *r->password_file == '\0')
		return "login needs a password_file";
	if (!logs_in && *r->password_file != '\0')
		return "password_file needs a login";
	return NULL;
}

bool
config_is_route_consistent(const struct config *config, size_t n,
    struct buf *mistake)
{
	const struct route_rule *r = &config->routes[n];
	const char *why = find_contradiction(r);

	if (why != NULL) {
		buf_printf(mistake, "[route %s] %s", r->name, why);
		return false;
	}
	for (size_t i = 0; i < n; i++) {
		const struct route_rule *other = &config->routes[i];

		if (share_word(other->domains, r->domains) &&
		    share_word(other->senders, r->senders)) {
			buf_printf(mistake,
			    "[route %s] is for a domain and sender that "
			    "[route %s] is for",
			    r->name, other->name);
			return false;
		}
	}
	return true;
}

static bool
is_loopback(const char *host)
{
	return strncmp(host, "127.", 4) == 0 || strcmp(host, "::1") == 0 ||
	    strcmp(host, "localhost") == 0;
}

/* Only * is in DOMAINS. */
static bool
names_nobody(const char *domains)
{
	char word[FORM_WORD_SIZE];

	while (form_next_word(&domains, word))
		if (strcmp(word, "*") != 0)
			return false;
	return true;
}

int
config_warn_route(const struct route_rule *r, FILE *to)
{
	bool sends_password = *r->login != '\0' && !is_loopback(r->host);
	int count = 0;

	if (sends_password && r->tls == RELAY_TLS_OFF) {
		fprintf(to,
		    "[route %s] tls = off: the password crosses the network "
		    "unencrypted\n",
		    r->name);
		count++;
	} else if (sends_password && r->tls != RELAY_TLS_VERIFY) {
		fprintf(to,
		    "[route %s] whoever poses as %s gets the password: set "
		    "tls = verify\n",
		    r->name, r->host);
		count++;
	}
	if (r->backup && names_nobody(r->domains)) {
		fprintf(to,
		    "[route %s] backup = yes does nothing: name the domains "
		    "that this host is a backup MX of, * does not count\n",
		    r->name);
		count++;
	}
	return count;
}
