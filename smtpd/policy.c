/*
 * policy.c - the rules, in order; read the two tables.
 *
 * A row: the rule's name; the sets it belongs to; on which listeners of these
 * it means anything; when it applies; the reply; and why, for the operator.
 * What the client is told beyond the reply is in explain.ini.
 *
 * Mail for another host goes there for who has logged in, and for whoever
 * writes to an alias of ours that the operator has led there.
 */
#include "smtpd/policy.h"

#include "common/buf.h"
#include "common/log.h"
#include "smtpd/question.h"
#include "smtpd/route.h"

enum { MTA = 1 << PROTO_MTA, MSA = 1 << PROTO_MSA, BOTH = MTA | MSA };

struct rule {
	const char *name;
	unsigned sets;
	bool (*matters)(const struct listener *l); /* NULL: everywhere */
	bool (*applies)(const struct question *q);
	int code;
	const char *status;
	const char *text; /* behind <address>, unless it begins with '-' */
	const char *reason;
};

static bool
has_tls_required(const struct listener *l)
{
	return l->tls == TLS_REQUIRED;
}

static bool
has_auth_required(const struct listener *l)
{
	return l->auth == AUTH_REQUIRED;
}

static bool
has_auth_optional(const struct listener *l)
{
	return l->auth == AUTH_OPTIONAL;
}

static bool
has_logins(const struct listener *l)
{
	return l->auth != AUTH_OFF;
}

static bool
guards_senders(const struct listener *l)
{
	return has_logins(l) && l->sender_policy != SENDER_FREE;
}

/* Only then a sender is looked up. */
static bool
knows_aliases(const struct listener *l)
{
	return has_logins(l) && l->sender_policy == SENDER_ALIAS;
}

static bool
is_in_clear(const struct question *q)
{
	return !q->policy->tls;
}

static bool
is_without_login(const struct question *q)
{
	return *q->policy->login == '\0';
}

static bool
lookup_failed(const struct question *q)
{
	return q->domain == LOOKUP_ERROR || q->name == LOOKUP_ERROR;
}

/* <> is nobody's name. */
static bool
is_of_somebody_else(const struct question *q)
{
	bool alias = q->policy->listener->sender_policy == SENDER_ALIAS;

	return *q->policy->login != '\0' && !address_is_null(q->address) &&
	    !q->same && !(alias && q->own);
}

static bool
is_one_too_many(const struct question *q)
{
	return q->count >= (size_t)q->policy->config->max_recipients;
}

/* Mail for those whose backup MX we are is taken from other hosts. */
static bool
is_backed_up(const struct question *q)
{
	return q->policy->listener->protocol == PROTO_MTA &&
	    route_is_backup(q->policy->config, q->address->domain);
}

static bool
is_foreign_without_login(const struct question *q)
{
	return q->domain == LOOKUP_NO && *q->policy->login == '\0' &&
	    !is_backed_up(q);
}

static bool
is_unknown(const struct question *q)
{
	return q->domain == LOOKUP_YES && q->name == LOOKUP_NO;
}

/* clang-format off */
static const struct rule sender_rules[] = {
	{ "tls-first", BOTH, has_tls_required, is_in_clear,
	  530, "5.7.0", "-Must issue a STARTTLS command first",
	  "the listener has tls = required (RFC 3207 4)" },
	{ "login-first", BOTH, has_auth_required, is_without_login,
	  530, "5.7.0", "-Authentication required",
	  "the listener has auth = required, for local recipients too (RFC 6409 4.3)" },
	{ "directory-away", BOTH, knows_aliases, lookup_failed,
	  451, "4.3.0", "Temporary lookup failure",
	  "directory.sqlite cannot be read, or an alias leads back to itself" },
	{ "sender-of-another", BOTH, guards_senders, is_of_somebody_else,
	  553, "5.7.1", "Sender address rejected: not owned by your login",
	  "sender_policy: it is not the login's own address, nor (alias) one that leads to it (RFC 6409 6.1)" },
};

static const struct rule recipient_rules[] = {
	{ "too-many-recipients", BOTH, NULL, is_one_too_many,
	  452, "4.5.3", "-Error: too many recipients",
	  "[smtpd] max_recipients; the client sends the rest in a new transaction (RFC 5321 4.5.3.1.10)" },
	{ "submission-needs-login", MSA, has_auth_optional, is_foreign_without_login,
	  530, "5.7.0", "-Authentication required",
	  "the domain is not served here; on a submission port a login opens the way (RFC 6409 4.3)" },
	/* On every listener, also where MAIL has asked for a login already. */
	{ "relay-needs-login", BOTH, NULL, is_foreign_without_login,
	  554, "5.7.1", "Relay access denied",
	  "the domain is not served here (nor [route] backup of it), and only who has logged in may send mail elsewhere (RFC 5068 3.1)" },
	{ "directory-away", BOTH, NULL, lookup_failed,
	  451, "4.3.0", "Temporary lookup failure",
	  "directory.sqlite cannot be read, or an alias leads back to itself" },
	{ "unknown-user", BOTH, NULL, is_unknown,
	  550, "5.1.1", "Recipient address rejected: User unknown in local recipient table",
	  "neither mailbox nor alias nor plus-address, and the domain has no catch-all" },
};
/* clang-format on */

static bool
is_of(const struct rule *rule, const struct listener *listener)
{
	return (rule->sets & (1U << listener->protocol)) != 0 &&
	    (rule->matters == NULL || rule->matters(listener));
}

static struct reply
refusal(const struct rule *rule, const struct question *q)
{
	char address[ADDRESS_TEXT_MAX];

	if (*rule->text == '-')
		return reply(rule->code, "%s %s", rule->status, rule->text + 1);
	address_format(q->address, address, sizeof(address));
	return reply(rule->code, "%s <%s>: %s", rule->status, address,
	    rule->text);
}

/* The first rule that applies; 250 when none does. */
static struct reply
judge(const struct rule *rules, size_t count, const struct question *q)
{
	const struct policy *policy = q->policy;
	struct reply r = reply(250, "2.1.0 Ok");

	for (size_t i = 0; i < count && reply_is_ok(&r); i++) {
		const struct rule *rule = &rules[i];
		bool applies;

		if (!is_of(rule, policy->listener))
			continue;
		applies = rule->applies(q);
		if (applies)
			r = refusal(rule, q);
		if (applies)
			log_event(LOG_DEBUG, "rule", "rule=%s why=%s",
			    rule->name, log_safe(rule->reason));
		if (policy->asked != NULL)
			policy->asked(policy->arg,
			    &(struct ruling){ rule->name, applies, r,
				rule->reason });
	}
	return r;
}

/* Worksheet 24: a class may send as anybody, and it can be seen who did. */
static void
log_difference(const struct question *q)
{
	char text[ADDRESS_TEXT_MAX];

	log_event(LOG_INFO, "sender-differs", "login=%s from=%s",
	    log_safe(q->policy->login),
	    log_safe(address_format(q->address, text, sizeof(text))));
}

struct reply
policy_sender(const struct policy *policy, const struct address *sender)
{
	struct question q = question_begin(policy, sender, 0);
	enum sender_policy whose = policy->listener->sender_policy;
	struct reply r;

	/* Only who has logged in is asked for the owner of an address. */
	if (*policy->login != '\0' && whose != SENDER_STRICT && !q.same &&
	    !address_is_null(sender))
		question_look_up(&q);
	r = judge(sender_rules, COUNT(sender_rules), &q);
	if (reply_is_ok(&r) && !q.own && is_of_somebody_else(&q))
		log_difference(&q);
	question_clear(&q);
	return r;
}

struct reply
policy_recipient(const struct policy *policy, const struct address *recipient,
    size_t count,
    void (*take)(void *arg, const struct address *final, bool local), void *arg)
{
	struct question q = question_begin(policy, recipient, count);
	struct reply r;

	question_look_up(&q);
	r = judge(recipient_rules, COUNT(recipient_rules), &q);
	if (reply_is_ok(&r)) {
		for (size_t i = 0; i < q.final_count; i++)
			take(arg, &q.finals[i].address, q.finals[i].local);
		r = reply(250, "2.1.5 Ok");
	}
	question_clear(&q);
	return r;
}

static void
print_rules(const struct rule *rules, size_t count,
    const struct listener *listener, FILE *to)
{
	for (size_t i = 0; i < count; i++) {
		const struct rule *rule = &rules[i];
		const char *text = rule->text;

		if (!is_of(rule, listener))
			continue;
		fprintf(to, "#    %-22s %d %s %s\n#      %s\n", rule->name,
		    rule->code, rule->status, *text == '-' ? text + 1 : text,
		    rule->reason);
	}
}

void
policy_print(const struct listener *listener, FILE *to)
{
	fprintf(to, "#  MAIL\n");
	print_rules(sender_rules, COUNT(sender_rules), listener, to);
	fprintf(to, "#  RCPT\n");
	print_rules(recipient_rules, COUNT(recipient_rules), listener, to);
}
