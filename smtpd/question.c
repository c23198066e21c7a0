/* question.c - what the directory says about an address. */
#include "smtpd/question.h"

#include <stdlib.h>
#include <strings.h>

#include "common/buf.h"

static bool
is_login(const struct question *q, const struct address *address)
{
	char text[ADDRESS_TEXT_MAX];

	/* Logins are in lower case; that no case matters is the directory's
	 * rule for our own names, and logins are ours. */
	return *q->policy->login != '\0' &&
	    strcasecmp(address_format(address, text, sizeof(text)),
		q->policy->login) == 0;
}

struct question
question_begin(const struct policy *policy, const struct address *address,
    size_t count)
{
	struct question q = {
		.policy = policy,
		.address = address,
		.count = count,
		.domain = LOOKUP_NO,
		.name = LOOKUP_NO,
	};

	q.same = is_login(&q, address);
	return q;
}

static void
add_final(struct question *q, const struct address *address, bool local)
{
	q->finals =
	    xrealloc(q->finals, (q->final_count + 1) * sizeof(*q->finals));
	q->finals[q->final_count++] = (struct final){ *address, local };
}

/* One address of an answer, as directory_resolve() gives it. */
static void
note_final(void *arg, const struct address *final)
{
	struct question *q = arg;
	enum lookup ours = LOOKUP_YES;

	/* Usually it is the domain that was found a moment ago. */
	if (strcasecmp(final->domain, q->address->domain) != 0)
		ours =
		    directory_has_domain(q->policy->directory, final->domain);
	if (ours == LOOKUP_ERROR)
		q->name = LOOKUP_ERROR;
	q->own = q->own || is_login(q, final);
	add_final(q, final, ours == LOOKUP_YES);
}

static void
resolve(struct question *q, const struct address *address)
{
	enum lookup found =
	    directory_resolve(q->policy->directory, address, note_final, q);

	/* A callback that failed has said so already. */
	if (q->name != LOOKUP_ERROR)
		q->name = found;
}

/*
 * RFC 5321 4.5.1: mail for postmaster is taken.  Where a domain of ours has
 * none, that of [server] domain gets it.
 */
static void
resolve_postmaster(struct question *q)
{
	struct address address = *q->address;

	(void)copy_string(address.domain, sizeof(address.domain),
	    q->policy->config->domain);
	resolve(q, &address);
}

void
question_look_up(struct question *q)
{
	struct directory *directory = q->policy->directory;

	q->domain = LOOKUP_ERROR;
	if (directory != NULL)
		q->domain = directory_has_domain(directory, q->address->domain);
	if (q->domain == LOOKUP_NO)
		add_final(q, q->address, false);
	if (q->domain != LOOKUP_YES)
		return;
	resolve(q, q->address);
	if (q->name == LOOKUP_NO &&
	    strcasecmp(q->address->local, "postmaster") == 0)
		resolve_postmaster(q);
}

void
question_clear(struct question *q)
{
	free(q->finals);
	q->finals = NULL;
	q->final_count = 0;
}
