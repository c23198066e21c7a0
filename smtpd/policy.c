/*
 * policy.c - the rules, in order; read the two tables.
 *
 * A rule sees the question with all facts looked up.  Its reason goes to the
 * client as a second line where the listener explains itself, so a reason
 * never tells more than the refusal does.
 *
 * Outgoing mail is not served yet: nothing is accepted that could not leave,
 * whoever asks.
 */
#include "smtpd/policy.h"

#include <stdlib.h>
#include <strings.h>

#include "common/buf.h"
#include "common/directory.h"

/* An address, and what is known about it. */
struct question {
	const struct policy *policy;
	const struct address *address;
	size_t count;       /* recipients before this one */
	enum lookup domain; /* ours? */
	enum lookup name;   /* somebody of that name? */
	bool abroad;        /* it leads to an address that is not ours */
	bool own;           /* it leads to the client's own mailbox */
	struct address *finals;
	size_t final_count;
};

struct rule {
	bool (*applies)(const struct question *q);
	int code;
	const char *status;
	const char *text; /* behind <address>, unless it begins with '-' */
	const char *reason;
};

static bool
is_strict(const struct question *q)
{
	return q->policy->listener->leniency == STRICT;
}

static bool
needs_login(const struct question *q)
{
	return q->policy->listener->auth == AUTH_REQUIRED &&
	    *q->policy->login == '\0';
}

static bool
lookup_failed(const struct question *q)
{
	return q->domain == LOOKUP_ERROR || q->name == LOOKUP_ERROR;
}

/*
 * Worksheet 18.  A class may send as anybody (worksheet 24), and <> is nobody's
 * name.
 */
static bool
is_not_the_logins(const struct question *q)
{
	return *q->policy->login != '\0' && is_strict(q) &&
	    !address_is_null(q->address) && !q->own;
}

static bool
is_one_too_many(const struct question *q)
{
	return q->count >= (size_t)q->policy->config->max_recipients;
}

static bool
is_foreign_without_login(const struct question *q)
{
	return q->domain == LOOKUP_NO && *q->policy->login == '\0';
}

static bool
is_foreign(const struct question *q)
{
	return q->domain == LOOKUP_NO;
}

static bool
is_unknown(const struct question *q)
{
	return q->name == LOOKUP_NO;
}

static bool
leads_abroad(const struct question *q)
{
	return q->abroad;
}

/* clang-format off */
static const struct rule sender_rules[] = {
	{ needs_login, 530, "5.7.0", "-Authentication required",
	  "This port is for submission (RFC 6409): log in with AUTH first, for local recipients too." },
	{ lookup_failed, 451, "4.3.0", "Temporary lookup failure",
	  "The directory of accounts cannot be read at the moment. Try again in some minutes." },
	{ is_not_the_logins, 553, "5.7.1", "Sender address rejected: not owned by your login",
	  "Who has logged in sends under an own address or an alias of it (RFC 6409 6.1)." },
};

static const struct rule recipient_rules[] = {
	{ is_one_too_many, 452, "4.5.3", "-Error: too many recipients",
	  "Send DATA for those accepted so far, then the rest in a new transaction (RFC 5321 4.5.3.1.10)." },
	{ is_foreign_without_login, 554, "5.7.1", "Relay access denied",
	  "The domain is not served here, and only who has logged in may send mail elsewhere (RFC 5068)." },
	{ is_foreign, 554, "5.7.1", "Relay access denied: mail to other hosts is not served yet",
	  "The domain is not served here, and this server has no way out." },
	{ lookup_failed, 451, "4.3.0", "Temporary lookup failure",
	  "The directory of accounts cannot be read at the moment. Try again in some minutes." },
	{ is_unknown, 550, "5.1.1", "Recipient address rejected: User unknown in local recipient table",
	  "The domain is served here, the name before the @ is not. Look at the spelling." },
	{ leads_abroad, 554, "5.7.1", "Relay access denied: the alias leads to another host, and mail to other hosts is not served yet",
	  "Of an alias all addresses or none are served." },
};
/* clang-format on */

/* The refusal of RULE, with its reason where the listener explains itself. */
static struct reply
refuse(const struct rule *rule, const struct question *q)
{
	bool explain = q->policy->listener->explain;
	char address[ADDRESS_TEXT_MAX];
	struct buf text = BUF_INIT;
	struct reply r;

	address_format(q->address, address, sizeof(address));
	if (*rule->text == '-')
		buf_printf(&text, "%s %s", rule->status, rule->text + 1);
	else
		buf_printf(&text, "%s <%s>: %s", rule->status, address,
		    rule->text);
	if (explain)
		buf_printf(&text, "\n%s %s", rule->status, rule->reason);
	r = reply(rule->code, "%s", text.data);
	buf_clear(&text);
	return r;
}

static struct reply
judge(const struct rule *rules, size_t count, const struct question *q)
{
	for (size_t i = 0; i < count; i++)
		if (rules[i].applies(q))
			return refuse(&rules[i], q);
	return reply(250, "2.1.0 Ok");
}

/* One address of an answer, as directory_resolve() gives it. */
static void
note_final(void *arg, const struct address *final)
{
	struct question *q = arg;
	char text[ADDRESS_TEXT_MAX];
	enum lookup ours = LOOKUP_YES;

	/* Usually it is the domain that was found a moment ago. */
	if (strcasecmp(final->domain, q->address->domain) != 0)
		ours =
		    directory_has_domain(q->policy->directory, final->domain);
	if (ours == LOOKUP_ERROR)
		q->name = LOOKUP_ERROR;
	q->abroad = q->abroad || ours == LOOKUP_NO;
	address_format(final, text, sizeof(text));
	q->own = q->own || strcasecmp(text, q->policy->login) == 0;
	q->finals =
	    xrealloc(q->finals, (q->final_count + 1) * sizeof(*q->finals));
	q->finals[q->final_count++] = *final;
}

/* Looks everything up.  Clear with free(q->finals). */
static struct question
ask(const struct policy *policy, const struct address *address, size_t count)
{
	struct directory *directory = policy->directory;
	struct question q = {
		.policy = policy,
		.address = address,
		.count = count,
		.domain = LOOKUP_ERROR,
		.name = LOOKUP_NO,
	};
	enum lookup found;

	if (directory != NULL)
		q.domain = directory_has_domain(directory, address->domain);
	if (q.domain != LOOKUP_YES)
		return q;
	found = directory_resolve(directory, address, note_final, &q);
	/* A callback that failed has said so already. */
	if (q.name != LOOKUP_ERROR)
		q.name = found;
	return q;
}

struct reply
policy_sender(const struct policy *policy, const struct address *sender)
{
	struct question q = { .policy = policy, .address = sender };
	struct reply r;

	/* Only who has logged in is asked for the owner of an address. */
	if (*policy->login != '\0' && !address_is_null(sender))
		q = ask(policy, sender, 0);
	r = judge(sender_rules, COUNT(sender_rules), &q);
	free(q.finals);
	return r;
}

struct reply
policy_recipient(const struct policy *policy, const struct address *recipient,
    size_t count, void (*take)(void *arg, const struct address *final),
    void *arg)
{
	struct question q = ask(policy, recipient, count);
	struct reply r = judge(recipient_rules, COUNT(recipient_rules), &q);

	if (reply_is_ok(&r)) {
		for (size_t i = 0; i < q.final_count; i++)
			take(arg, &q.finals[i]);
		r = reply(250, "2.1.5 Ok");
	}
	free(q.finals);
	return r;
}
