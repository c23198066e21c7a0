/*
 * route_rule.c - which [route NAME] section is for a message.
 *
 * The class counts first (for both domains, for the recipient's, for the
 * sender's, for all), then how exactly the recipient's domain is named, then
 * the sender's.  Two that are alike in all this name the same domains, which
 * config_check_route.c refuses.
 */
#include "smtpd/route.h"

#include <string.h>
#include <strings.h>

#include "common/config_form.h"

/* How exactly a list names a domain: not at all, *, .domain (longer, more). */
enum { NOT_NAMED = -1, STAR = 0, WHOLE = DOMAIN_MAX + 2 };

/* .example is for example and all below it. */
static bool
is_below(const char *domain, const char *parent)
{
	size_t length = strlen(domain);
	size_t tail = strlen(parent);

	if (strcasecmp(domain, parent + 1) == 0)
		return true;
	return length > tail && strcasecmp(domain + length - tail, parent) == 0;
}

static int
match_word(const char *word, const char *domain)
{
	if (strcmp(word, "*") == 0)
		return STAR;
	if (*word == '.')
		return is_below(domain, word) ? (int)strlen(word) : NOT_NAMED;
	return strcasecmp(word, domain) == 0 ? WHOLE : NOT_NAMED;
}

static int
match(const char *list, const char *domain)
{
	char word[FORM_WORD_SIZE];
	int best = NOT_NAMED;

	while (form_next_word(&list, word)) {
		int one = match_word(word, domain);

		if (one > best)
			best = one;
	}
	return best;
}

/* Comparable: the class, then the domains; NOT_NAMED when it is not for them.
 */
static int
rank(const struct route_rule *rule, const char *from, const char *to)
{
	int domain = match(rule->domains, to);
	int sender = match(rule->senders, from);
	int class = (domain > STAR ? 2 : 0) + (sender > STAR ? 1 : 0);

	if (domain == NOT_NAMED || sender == NOT_NAMED)
		return NOT_NAMED;
	return (class * (WHOLE + 1) + domain) * (WHOLE + 1) + sender;
}

const struct route_rule *
route_pick(const struct config *config, const char *sender, const char *domain)
{
	const char *at = strrchr(sender, '@');
	const struct route_rule *best = NULL;
	int best_rank = NOT_NAMED;

	for (size_t i = 0; i < config->route_count; i++) {
		const struct route_rule *rule = &config->routes[i];
		int its = rank(rule, at == NULL ? "" : at + 1, domain);

		if (its > best_rank) {
			best = rule;
			best_rank = its;
		}
	}
	return best;
}

bool
route_is_backup(const struct config *config, const char *domain)
{
	for (size_t i = 0; i < config->route_count; i++)
		if (config->routes[i].backup &&
		    match(config->routes[i].domains, domain) > STAR)
			return true;
	return false;
}
