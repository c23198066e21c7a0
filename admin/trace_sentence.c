/*
 * trace_sentence.c - a sentence for each event.
 *
 * {key} stands for a value; what is in [ ] is left out where a value in it is
 * missing or 0.
 */
#include "admin/trace_sentence.h"

#include <string.h>

#include "admin/admin.h"
#include "common/mem.h"

#define RECIPIENT "{to}[ (written as {orig})]"

static const struct {
	const char *program;
	const char *event;
	const char *words;
} sentences[] = {
	/* clang-format off */
	{ "smtpd", "message",
	  "taken from [{helo} at ]{peer}: {size} octets, {lines} lines"
	  "[, {long_lines} of them longer than 998 octets]"
	  "[, after {hops} other servers]" },
	{ "smtpd", "refused", "refused: {code} {reply}" },
	{ "smtpd", "authenticity",
	  "judged: SPF {spf}, DKIM {dkim}, DMARC {dmarc}" },
	{ "smtpd", "not-judged", "not judged: {why}" },
	{ "smtpd", "not-signed", "not signed for {domain} now: {why}" },
	{ "smtpd", "delivered", RECIPIENT " has it: {code} {reply}" },
	{ "smtpd", "expanded", "{to} is an alias, and stands for several" },
	{ "smtpd", "deferred", RECIPIENT " must wait: {code} {reply}" },
	{ "smtpd", "undelivered", RECIPIENT " cannot have it: {code} {reply}" },
	{ "smtpd", "relayed",
	  RECIPIENT " was handed on to {address}, encryption: {tls}: {code} "
	  "{reply}" },
	{ "smtpd", "bounced",
	  RECIPIENT " cannot have it[, says {host}]: {code} {reply}" },
	{ "smtpd", "next-host", "{host} does not take it now: {reply}" },
	{ "smtpd", "relay-in-clear", "to {host} in clear: {why}" },
	{ "smtpd", "relay-without-bdat",
	  "{host} offers CHUNKING and does not know it: once more by DATA" },
	{ "smtpd", "queued",
	  "put into the queue[, {waiting} recipients wait]"
	  "[, {failed} have failed]" },
	{ "smtpd", "held", "held: {what}[; {failed} have failed]" },
	{ "smtpd", "released", "released: {what}" },
	{ "smtpd", "deleted", "deleted: {what}" },
	{ "smtpd", "report", "{id} is reported to {told} by {report}" },
	{ "smtpd", "unreported", "not reported: {what}" },
	{ "smtpd", "removed", "gone from the queue" },
	{ "smtpd", "delivery-died", "a delivery process died, status {status}" },
	{ "smtpd", "unreadable", "its envelope is damaged; left alone" },
	{ "mda", "delivered", "stored for {to} in {mailbox} as {file}" },
	{ "mda", "not-delivered", "not stored for {to}: {reply}" },
	{ "mda", "refused", "refused: {reply}" },
	{ "mda", "receipt",
	  "{id} is for the report of success that {from} asked for" },
	{ "pop3d", "retrieved", "fetched over POP3 by {user} at {peer}" },
	{ "pop3d", "removed", "removed over POP3 by {user} at {peer}" },
	/* clang-format on */
};

/* The value of the {key} at *CURSOR, which moves behind it. */
static const char *
read_key(const struct logfmt *fields, const char **cursor)
{
	const char *key = *cursor + 1;
	size_t size = strcspn(key, "}");

	*cursor = key + size + 1;
	for (size_t i = 0; i < fields->count; i++)
		if (strlen(fields->pairs[i].key) == size &&
		    memcmp(fields->pairs[i].key, key, size) == 0)
			return fields->pairs[i].value;
	return "";
}

/* Whether the optional part at WORDS has all its values. */
static bool
is_there(const struct logfmt *fields, const char *words)
{
	while (*words != ']') {
		const char *value = "";

		if (*words != '{') {
			words++;
			continue;
		}
		value = read_key(fields, &words);
		if (*value == '\0' || strcmp(value, "0") == 0)
			return false;
	}
	return true;
}

static void
say(const struct logfmt *fields, const char *words, struct buf *to)
{
	while (*words != '\0') {
		if (*words == '{') {
			admin_lines(to, read_key(fields, &words), " ");
		} else if (*words == '[' && !is_there(fields, words)) {
			words += strcspn(words, "]") + 1;
		} else {
			if (*words != '[' && *words != ']')
				buf_addchar(to, *words);
			words++;
		}
	}
}

static void
say_plainly(const struct logfmt *fields, struct buf *to)
{
	static const char *const known[] = { "time", "level", "prog", "role",
		"pid", "event", "id" };

	admin_field(to, logfmt_get(fields, "event"));
	for (size_t i = 0; i < fields->count; i++) {
		bool skipped = false;

		for (size_t j = 0; j < COUNT(known); j++)
			skipped = skipped ||
			    strcmp(fields->pairs[i].key, known[j]) == 0;
		if (skipped)
			continue;
		buf_printf(to, ", %s ", fields->pairs[i].key);
		admin_lines(to, fields->pairs[i].value, " ");
	}
}

void
trace_sentence(const struct logfmt *fields, struct buf *to)
{
	const char *program = logfmt_get(fields, "prog");
	const char *event = logfmt_get(fields, "event");

	for (size_t i = 0; i < COUNT(sentences); i++)
		if (strcmp(sentences[i].program, program) == 0 &&
		    strcmp(sentences[i].event, event) == 0) {
			say(fields, sentences[i].words, to);
			return;
		}
	say_plainly(fields, to);
}
