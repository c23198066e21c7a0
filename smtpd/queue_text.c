/* queue_text.c - an envelope as text.  The way back is in queue_parse.c. */
#include "smtpd/queue_text.h"

#include <inttypes.h>

static const struct {
	const char *key;
	size_t member;
} texts[] = {
	/* clang-format off */
	{ "sender",     offsetof(struct queue_entry, sender) },
	{ "parameters", offsetof(struct queue_entry, parameters) },
	{ "peer",       offsetof(struct queue_entry, peer) },
	{ "uid",        offsetof(struct queue_entry, uid) },
	{ "helo",       offsetof(struct queue_entry, helo) },
	{ "login",      offsetof(struct queue_entry, login) },
	{ "protocol",   offsetof(struct queue_entry, protocol) },
	{ "tls",        offsetof(struct queue_entry, tls) },
	{ "message-id", offsetof(struct queue_entry, message_id) },
	/* clang-format on */
};

char **
queue_text_member(struct queue_entry *entry, size_t i, const char **key_out)
{
	if (i == COUNT(texts))
		return NULL;
	*key_out = texts[i].key;
	return (char **)(void *)((char *)entry + texts[i].member);
}

static void
put_escaped(const char *text, bool word, struct buf *to)
{
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (c < ' ' || c > '~' || c == '%' || (word && c == ' '))
			buf_printf(to, "%%%02X", c);
		else
			buf_addchar(to, *text);
	}
}

static const char *
place_name(const struct queue_recipient *recipient)
{
	if (recipient->expanded)
		return "expanded";
	return recipient->local ? "local" : "remote";
}

static void
put_recipient(const struct queue_recipient *recipient, size_t i, struct buf *to)
{
	buf_printf(to, "rcpt %zu ", i);
	put_escaped(recipient->address, true, to);
	buf_printf(to, " %s", place_name(recipient));
	if (*recipient->original != '\0') {
		buf_addstr(to, " orig=");
		put_escaped(recipient->original, true, to);
	}
	if (*recipient->parameters != '\0') {
		buf_addstr(to, " dsn=");
		put_escaped(recipient->parameters, true, to);
	}
	buf_addchar(to, '\n');
}

void
queue_text_head(const struct queue_entry *entry, struct buf *to)
{
	struct queue_entry copy = *entry;
	const char *key;
	char **member;

	buf_printf(to, "%sid %s\narrived %" PRId64 "\nsize %" PRId64 "\n",
	    QUEUE_TEXT_MAGIC, entry->id, entry->arrived, entry->size);
	for (size_t i = 0; (member = queue_text_member(&copy, i, &key)) != NULL;
	     i++) {
		/* The null reverse-path is written; what is not known is not.
		 */
		if (**member == '\0' && i > 0)
			continue;
		buf_printf(to, "%s ", key);
		put_escaped(**member == '\0' ? "<>" : *member, false, to);
		buf_addchar(to, '\n');
	}
	for (size_t i = 0; i < entry->recipient_count; i++)
		put_recipient(&entry->recipients[i], i, to);
	buf_addstr(to, "end\n");
}

void
queue_text_result(size_t i, int64_t when, const struct reply *r, struct buf *to)
{
	buf_printf(to, "result %zu %" PRId64 " %d ", i, when, r->code);
	put_escaped(r->text, false, to);
	buf_addchar(to, '\n');
}

void
queue_text_last(const struct queue_entry *entry, size_t i, struct buf *to)
{
	const struct queue_recipient *rcpt = &entry->recipients[i];

	queue_text_result(i, rcpt->when, &rcpt->last, to);
	if (*rcpt->host == '\0')
		return;
	buf_printf(to, "host %zu ", i);
	put_escaped(rcpt->host, true, to);
	buf_addchar(to, '\n');
}

/* Whether it failed, and the operator has it tried once more. */
static bool
is_released(const struct queue_recipient *rcpt)
{
	return rcpt->state == RCPT_PENDING && reply_is_final(&rcpt->last);
}

/* The last words about those who are RELEASED, or about the others. */
static size_t
put_results(const struct queue_entry *entry, bool released, struct buf *to)
{
	size_t n = 0;

	for (size_t i = 0; i < entry->recipient_count; i++) {
		const struct queue_recipient *rcpt = &entry->recipients[i];

		if (rcpt->last.code == 0 || is_released(rcpt) != released)
			continue;
		queue_text_last(entry, i, to);
		n++;
	}
	return n;
}

static void
put_told(const struct queue_entry *entry, size_t i, struct buf *to)
{
	unsigned reported = entry->recipients[i].reported;

	if (reported != 0)
		buf_printf(to, "told %zu %u\n", i, reported);
}

void
queue_text_told(const struct queue_entry *entry, struct buf *to)
{
	for (size_t i = 0; i < entry->recipient_count; i++)
		put_told(entry, i, to);
}

void
queue_text_fresh(const struct queue_entry *entry, struct buf *to)
{
	for (size_t i = 0; i < entry->recipient_count; i++) {
		if (!entry->recipients[i].fresh)
			continue;
		queue_text_last(entry, i, to);
		put_told(entry, i, to);
	}
}

void
queue_text_attempt(const struct queue_entry *entry, struct buf *to)
{
	if (entry->attempts > 0)
		buf_printf(to, "attempt %d next %" PRId64 "\n", entry->attempts,
		    entry->next);
}

void
queue_text_outcomes(const struct queue_entry *entry, struct buf *to)
{
	/* "released" is about the results before it. */
	if (put_results(entry, true, to) > 0)
		buf_addstr(to, "released\n");
	put_results(entry, false, to);
	queue_text_told(entry, to);
	queue_text_attempt(entry, to);
	if (entry->held)
		buf_addstr(to, "held\n");
	if (entry->withdrawn)
		buf_addstr(to, "withdrawn\n");
}
