/*
 * journey_doubt.c - whose words a trace is, and what in it is odd.
 *
 * A server sees its client's address and looks its name up; what the client
 * says of itself (HELO) proves nothing.  So of a line of our own the address is
 * known, and of all lines before that only what our side was told.
 */
#include "mua/journey_doubt.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static size_t
name_size(const char *name)
{
	size_t size = strlen(name);

	while (size > 0 && name[size - 1] == '.')
		size--;
	return size;
}

bool
journey_same_host(const char *a, const char *b)
{
	return name_size(a) == name_size(b) && name_size(a) > 0 &&
	    strncasecmp(a, b, name_size(a)) == 0;
}

/* mail.campus.example is of campus.example, and so is that itself. */
static const char *
domain_of(const char *host)
{
	const char *dot = strchr(host, '.');

	if (dot == NULL || strchr(dot + 1, '.') == NULL)
		return host;
	return dot + 1;
}

bool
journey_same_domain(const char *a, const char *b)
{
	if (strchr(a, '.') == NULL || strchr(b, '.') == NULL)
		return journey_same_host(a, b);
	return journey_same_host(domain_of(a), domain_of(b)) ||
	    journey_same_host(a, domain_of(b)) ||
	    journey_same_host(domain_of(a), b);
}

/*
 * Whether ABOVE, a line of our own, says that it has the message from a
 * machine of ours, so that the line below it, by BY, is our own too.
 */
static bool
vouches_for(const struct received *above, const char *own, const char *by)
{
	if (*above->address == '\0' && *above->helo == '\0')
		return true; /* within the machine: qmail, userid */
	if (!journey_same_domain(by, own) &&
	    !journey_same_host(by, "localhost"))
		return false;
	return received_is_private(above->address) ||
	    (!above->forged && journey_same_domain(above->name, own));
}

static void
find_own(struct journey *journey)
{
	size_t i = journey->count;

	if (i == 0)
		return;
	/* qmail's own lines name no host: the first line that does. */
	for (size_t j = i; j > 0 && *journey->own == '\0'; j--)
		journey->own = journey->hops[j - 1].received.by;
	do {
		journey->hops[--i].own = true;
	} while (i > 0 &&
	    vouches_for(&journey->hops[i].received, journey->own,
		*journey->hops[i - 1].received.by != '\0'
		    ? journey->hops[i - 1].received.by
		    : journey->own));
}

/*
 * Above the first Received only our own system writes, but it may pass on what
 * a stranger has written where it should have taken it away: the name counts.
 */
static void
judge_verdicts(struct journey *journey)
{
	for (size_t i = 0; i < journey->verdict_count; i++) {
		struct verdict *verdict = &journey->verdicts[i];
		const char *authserv = verdict->authres.authserv;

		if (verdict->own)
			verdict->own = journey->count > 0 &&
			    journey_same_domain(authserv, journey->own);
	}
}

PRINTF(3, 4)
static void
note(struct hop *hop, int doubt, const char *fmt, ...)
{
	va_list args;
	char *text = NULL;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) >= 0) {
		if (hop->notes.size > 0)
			buf_addchar(&hop->notes, '\n');
		buf_addstr(&hop->notes, text);
		hop->doubts += doubt;
		free(text);
	}
	va_end(args);
}

static bool
is_local(const struct received *r)
{
	return *r->helo == '\0' && *r->address == '\0';
}

static void
judge_client(struct hop *hop)
{
	const struct received *r = &hop->received;

	if (is_local(r))
		return;
	if (*r->address == '\0')
		note(hop, 1,
		    "Its address was not noted: the name is what it said");
	if (strcasecmp(r->name, "unknown") == 0)
		note(hop, 1, "Its address has no name in DNS");
	else if (*r->name != '\0' && !journey_same_host(r->name, r->helo))
		note(hop, 0, "It called itself %s; DNS has %s", r->helo,
		    r->name);
	if (r->forged)
		note(hop, 1,
		    "The name may be forged, the server says: DNS "
		    "does not lead back to the address");
}

/* The host that wrote the line before should be the one this came from. */
static void
judge_link(struct hop *hop, const struct hop *before)
{
	const struct received *r = &hop->received;
	const char *by = before->received.by;

	if (is_local(r) || *by == '\0' || journey_same_host(by, r->helo) ||
	    journey_same_host(by, r->name) || strcmp(by, r->address) == 0)
		return;
	if (journey_same_host(r->helo, "localhost") ||
	    strcmp(r->address, "127.0.0.1") == 0 ||
	    strcmp(r->address, "::1") == 0)
		return; /* a filter on the same machine */
	note(hop,
	    !journey_same_domain(by, r->helo) &&
		!journey_same_domain(by, r->name),
	    "The line before is by %s: another name of the same host, or one "
	    "is missing",
	    by);
}

static void
judge_time(struct hop *hop)
{
	struct buf span = BUF_INIT;

	if (!hop->received.has_date)
		note(hop, 1, "There is no time in it that can be read");
	if (hop->has_delay && hop->delay < 0) {
		journey_span(-hop->delay, &span);
		note(hop, 0, "It came %s before it left: a clock is wrong",
		    span.data);
	}
	buf_clear(&span);
}

static void
judge_writer(struct journey *journey, size_t i)
{
	struct hop *hop = &journey->hops[i];

	if (*hop->received.by == '\0' && *hop->received.software == '\0')
		note(hop, 1, "It does not say which server has written it");
	/* said once, where our side ends */
	if (!hop->own && i + 1 < journey->count && journey->hops[i + 1].own)
		note(hop, 1,
		    "From here back others have written: nothing of it can be "
		    "checked");
}

void
journey_judge(struct journey *journey)
{
	find_own(journey);
	judge_verdicts(journey);
	for (size_t i = 0; i < journey->count; i++) {
		struct hop *hop = &journey->hops[i];

		judge_client(hop);
		if (i > 0)
			judge_link(hop, &journey->hops[i - 1]);
		judge_time(hop);
		judge_writer(journey, i);
	}
}
