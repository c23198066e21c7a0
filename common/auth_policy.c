/* auth_policy.c - which mechanism may be used when. */
#include "common/auth_policy.h"

#include <string.h>
#include <strings.h>

static const struct rule {
	const char *name;
	bool shows_password; /* to whoever listens */
	bool teaching;       /* works from an MD5 secret */
} rules[] = {
	/* clang-format off */
	{ "SCRAM-SHA-256", false, false },
	{ "SCRAM-SHA-1",   false, false },
	{ "PLAIN",         true,  false },
	{ "LOGIN",         true,  false },
	{ "CRAM-MD5",      false, true },
	{ "DIGEST-MD5",    false, true }, /* historic, says RFC 6331 */
	/* clang-format on */
};

/* Of each row: the library has no plugin for it. */
static bool lost[COUNT(rules)];

static const struct rule *
find_rule(const char *name, size_t size)
{
	for (size_t i = 0; i < COUNT(rules); i++)
		if (strlen(rules[i].name) == size &&
		    strncasecmp(rules[i].name, name, size) == 0)
			return &rules[i];
	return NULL;
}

/* The next word of *LIST and its length; NULL at the end. */
static const char *
next_word(const char **list, size_t *size_out)
{
	const char *word = *list + strspn(*list, " \t");

	*size_out = strcspn(word, " \t");
	*list = word + *size_out;
	return *size_out == 0 ? NULL : word;
}

static bool
is_configured(const struct config *config, const struct rule *rule)
{
	const char *list = config->mechanisms;
	const char *word;
	size_t size;

	if ((rule->teaching && !config->teaching) || lost[rule - rules])
		return false;
	while ((word = next_word(&list, &size)) != NULL)
		if (find_rule(word, size) == rule)
			return true;
	return false;
}

enum auth_result
auth_policy(const struct config *config, const char *mechanism, bool tls,
    bool cleartext)
{
	const struct rule *rule = find_rule(mechanism, strlen(mechanism));

	if (rule == NULL || !is_configured(config, rule))
		return AUTH_UNKNOWN;
	if (rule->shows_password && !tls && !cleartext)
		return AUTH_WEAK;
	return AUTH_CONTINUE;
}

void
auth_policy_each(const struct config *config,
    void (*each)(void *arg, const char *mechanism), void *arg)
{
	const char *list = config->mechanisms;
	const char *word;
	size_t size;

	while ((word = next_word(&list, &size)) != NULL) {
		const struct rule *rule = find_rule(word, size);

		if (rule != NULL && is_configured(config, rule))
			each(arg, rule->name);
	}
}

void
auth_policy_known(void (*each)(void *arg, const char *mechanism), void *arg)
{
	for (size_t i = 0; i < COUNT(rules); i++)
		each(arg, rules[i].name);
}

void
auth_policy_lose(const char *mechanism)
{
	const struct rule *rule = find_rule(mechanism, strlen(mechanism));

	if (rule != NULL)
		lost[rule - rules] = true;
}
