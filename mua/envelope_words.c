/*
 * envelope_words.c - the differences between envelope and header, in words.
 */
#include "mua/envelope.h"

#include "mua/journey_doubt.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* What a checker's word means: (method, result). */
static const struct {
	const char *method;
	const char *result;
	const char *meaning;
} meanings[] = {
	/* clang-format off */
	{ "spf", "fail", "the domain of MAIL FROM says that this client may "
	  "not send mail for it (RFC 7208)" },
	{ "spf", "softfail", "the domain of MAIL FROM says that this client "
	  "should not send mail for it, but is not sure" },
	{ "spf", "pass", "the domain of MAIL FROM lets this client send mail "
	  "for it" },
	{ "dkim", "fail", "the signature does not fit: the text was changed "
	  "on the way, or another one has signed (RFC 6376)" },
	{ "dkim", "pass", "the domain named has signed it, and it was not "
	  "changed since" },
	{ "dmarc", "fail", "neither SPF nor DKIM speaks for the domain in "
	  "From (RFC 7489)" },
	{ "dmarc", "pass", "SPF or DKIM speaks for the domain in From" },
	/* clang-format on */
};

PRINTF(2, 3)
static void
say(struct lines *lines, const char *fmt, ...)
{
	struct buf line = BUF_INIT;
	va_list args;
	char *text = NULL;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) >= 0) {
		buf_printf(&line, "* %s", text);
		lines_add(lines, STYLE_NORMAL, line.data, line.size);
		lines_hang(lines, 2);
		free(text);
	}
	va_end(args);
	buf_clear(&line);
}

static const char *
domain_of(const char *address)
{
	const char *at = strrchr(address, '@');

	return at == NULL ? "" : at + 1;
}

static void
explain_sender(const struct envelope *envelope, struct lines *lines)
{
	const struct addresses *from = &envelope->persons[PERSON_FROM];
	const char *author = from->count > 0 ? from->list[0].address : "";

	if (!envelope->sender_known) {
		say(lines,
		    "Who sent it to the servers is not known: there is "
		    "no Return-Path on top.");
		return;
	}
	if (*envelope->sender == '\0') {
		say(lines,
		    "The envelope sender is <>: this is a report or an "
		    "automatic answer, and nothing about it may be sent "
		    "back (RFC 5321 4.5.5).");
		return;
	}
	if (!envelope_sender_differs(envelope))
		return;
	if (from->count == 0)
		say(lines,
		    "The header has no author: From is missing or "
		    "cannot be read (RFC 5322 3.6.2).");
	else if (addresses_have(&envelope->persons[PERSON_SENDER],
		     envelope->sender))
		say(lines,
		    "The envelope is from %s, who as Sender has posted "
		    "it for %s.",
		    envelope->sender, author);
	else if (journey_same_domain(domain_of(envelope->sender),
		     domain_of(author)))
		say(lines,
		    "The envelope is from %s, the letter from %s: two "
		    "addresses of one domain.  Bounces go to the first, "
		    "answers to the second.",
		    envelope->sender, author);
	else
		say(lines,
		    "The envelope is from %s, the letter says it is from "
		    "%s.  Lists and forwarders do this, and so does who "
		    "forges a sender: nothing but a check of SPF, DKIM "
		    "and DMARC tells them apart.  Bounces go to the "
		    "first, answers to the second.",
		    envelope->sender, author);
}

static void
explain_recipient(const struct envelope *envelope, struct lines *lines)
{
	if (!envelope->recipient_known)
		say(lines,
		    "To whom it was sent is not known: there is no "
		    "X-Original-To or Delivered-To on top.");
	else if (envelope_recipient_differs(envelope))
		say(lines,
		    "It was sent to %s, who is neither in To nor in Cc: "
		    "by Bcc, through a list or an alias, or somebody "
		    "wanted it to look as if it were for others.",
		    envelope->recipient);
	if (*envelope->delivered != '\0' && envelope->recipient_known &&
	    strcasecmp(envelope->delivered, envelope->recipient) != 0)
		say(lines, "It was sent to %s and delivered to %s: an alias.",
		    envelope->recipient, envelope->delivered);
}

static void
explain_answers(const struct envelope *envelope, struct lines *lines)
{
	const struct addresses *from = &envelope->persons[PERSON_FROM];
	const struct addresses *reply = &envelope->persons[PERSON_REPLY_TO];

	for (size_t i = 0; i < reply->count; i++)
		if (!addresses_have(from, reply->list[i].address))
			say(lines,
			    "An answer goes to %s and not to the author.",
			    reply->list[i].address);
	if (from->count > 1 && envelope->persons[PERSON_SENDER].count == 0)
		say(lines,
		    "It has %zu authors and no Sender that says who "
		    "posted it (RFC 5322 3.6.2).",
		    from->count);
}

/* The login is a name, or an address; From should begin with it. */
static void
explain_login(const struct envelope *envelope, struct lines *lines)
{
	const struct addresses *from = &envelope->persons[PERSON_FROM];
	const char *login = envelope->login;
	const char *author = from->count > 0 ? from->list[0].address : "";
	size_t size = strcspn(login, "@");

	if (*login == '\0' || strcmp(login, "?") == 0 || *author == '\0')
		return;
	if (strncasecmp(login, author, size) != 0 || author[size] != '@')
		say(lines,
		    "The server knows who it was by the login %s, "
		    "whatever From says.",
		    login);
}

static void
explain_verdict(const struct authres_result *result, struct lines *lines)
{
	for (size_t i = 0; i < COUNT(meanings); i++)
		if (strcmp(meanings[i].method, result->method) == 0 &&
		    strcmp(meanings[i].result, result->result) == 0)
			say(lines, "%s %s: %s%s%s.", result->method,
			    result->result, meanings[i].meaning,
			    *result->property == '\0' ? "" : "; ",
			    result->property);
}

static void
explain_checks(const struct envelope *envelope, struct lines *lines)
{
	const struct journey *journey = &envelope->journey;
	bool checked = false;

	for (size_t i = 0; i < journey->verdict_count; i++) {
		const struct authres *authres = &journey->verdicts[i].authres;

		if (!journey->verdicts[i].own)
			continue;
		checked = true;
		for (size_t j = 0; j < authres->count; j++)
			explain_verdict(&authres->results[j], lines);
	}
	if (!checked)
		say(lines,
		    "Our side has not checked the sender: there is no "
		    "Authentication-Results of its own on top.");
}

void
envelope_explain(const struct envelope *envelope, struct lines *lines)
{
	size_t before = lines->count;

	explain_sender(envelope, lines);
	explain_recipient(envelope, lines);
	explain_answers(envelope, lines);
	explain_login(envelope, lines);
	if (lines->count == before)
		say(lines,
		    "Envelope and header name the same sender and the "
		    "same recipient.");
	explain_checks(envelope, lines);
}
