/*
 * queue_text.c - an envelope as text, and back.
 *
 * The reader trusts nothing: a session worker that was taken over can write
 * any envelope it likes.  So every number is checked, recipients come in order
 * and cannot be named before they are declared.
 */
#include "smtpd/queue_text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char magic[] = "postlab-queue 1\n";

enum { RECIPIENTS_MAX = 1 << 20, LINE_ROOM = 8192 };

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
	{ "message-id", offsetof(struct queue_entry, message_id) },
	/* clang-format on */
};

static char **
text_of(struct queue_entry *entry, size_t i)
{
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

static void
put_recipient(const struct queue_recipient *recipient, size_t i, struct buf *to)
{
	buf_printf(to, "rcpt %zu ", i);
	put_escaped(recipient->address, true, to);
	buf_addstr(to, recipient->local ? " local" : " remote");
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

	buf_printf(to, "%sid %s\narrived %" PRId64 "\nsize %" PRId64 "\n",
	    magic, entry->id, entry->arrived, entry->size);
	for (size_t i = 0; i < COUNT(texts); i++) {
		const char *text = *text_of(&copy, i);

		/* The null reverse-path is written; what is not known is not.
		 */
		if (*text == '\0' && i > 0)
			continue;
		buf_printf(to, "%s ", texts[i].key);
		put_escaped(*text == '\0' ? "<>" : text, false, to);
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
		queue_text_result(i, rcpt->when, &rcpt->last, to);
		n++;
	}
	return n;
}

void
queue_text_told(const struct queue_entry *entry, struct buf *to)
{
	for (size_t i = 0; i < entry->recipient_count; i++)
		if (entry->recipients[i].reported != 0)
			buf_printf(to, "told %zu %u\n", i,
			    entry->recipients[i].reported);
}

void
queue_text_outcomes(const struct queue_entry *entry, struct buf *to)
{
	/* "released" is about the results before it. */
	if (put_results(entry, true, to) > 0)
		buf_addstr(to, "released\n");
	put_results(entry, false, to);
	queue_text_told(entry, to);
	if (entry->attempts > 0)
		buf_printf(to, "attempt %d next %" PRId64 "\n", entry->attempts,
		    entry->next);
	if (entry->held)
		buf_addstr(to, "held\n");
	if (entry->withdrawn)
		buf_addstr(to, "withdrawn\n");
}

/* Cuts the first word off LINE; returns it, LINE is what follows the blank. */
static char *
cut_word(char **line)
{
	char *word = *line;
	size_t length = strcspn(word, " ");

	*line = word + length + (word[length] == ' ');
	word[length] = '\0';
	return word;
}

static bool
read_number(const char *word, int64_t max, int64_t *number_out)
{
	char *rest;

	if (*word < '0' || *word > '9' || strlen(word) > 18)
		return false;
	*number_out = strtoll(word, &rest, 10);
	return *rest == '\0' && *number_out <= max;
}

static int
hex_digit(char c)
{
	static const char digits[] = "0123456789ABCDEF";
	const char *found = c == '\0' ? NULL : strchr(digits, c);

	return found == NULL ? -1 : (int)(found - digits);
}

/* Undoes put_escaped() in place.  False when it is damaged or holds a NUL. */
static bool
unescape(char *text)
{
	char *to = text;

	for (; *text != '\0'; text++) {
		char c = *text;

		if (c == '%') {
			int high = hex_digit(text[1]);
			int low = high == -1 ? -1 : hex_digit(text[2]);

			if (low == -1 || high + low == 0)
				return false;
			c = (char)(high * 16 + low);
			text += 2;
		}
		*to++ = c;
	}
	*to = '\0';
	return true;
}

static bool
read_text(struct queue_entry *entry, size_t which, char *value)
{
	char **text = text_of(entry, which);

	if (which == 0 && strcmp(value, "<>") == 0)
		*value = '\0';
	if (!unescape(value))
		return false;
	free(*text);
	*text = xstrdup(value);
	return true;
}

/* rcpt NUMBER ADDRESS local|remote [orig=WORD] [dsn=WORD] */
static bool
read_recipient(struct queue_entry *entry, char *line)
{
	char *number = cut_word(&line);
	char *address = cut_word(&line);
	char *where = cut_word(&line);
	struct queue_recipient *rcpt;
	int64_t i;

	if (!read_number(number, RECIPIENTS_MAX, &i) ||
	    (size_t)i != entry->recipient_count || !unescape(address))
		return false;
	rcpt = queue_entry_add(entry, address, "");
	rcpt->local = strcmp(where, "local") == 0;
	while (*line != '\0') {
		char *word = cut_word(&line);
		char *value = strchr(word, '=');
		char **place = NULL;

		if (value == NULL || !unescape(++value))
			return false;
		if (strncmp(word, "orig=", 5) == 0)
			place = &rcpt->original;
		else if (strncmp(word, "dsn=", 4) == 0)
			place = &rcpt->parameters;
		if (place == NULL)
			continue;
		free(*place);
		*place = xstrdup(value);
	}
	return true;
}

/* result NUMBER TIME CODE TEXT */
static bool
read_result(struct queue_entry *entry, char *line)
{
	const char *number = cut_word(&line);
	const char *time_word = cut_word(&line);
	const char *code_word = cut_word(&line);
	int64_t i, when, code;
	struct reply r;

	if (!read_number(number, RECIPIENTS_MAX, &i) ||
	    (size_t)i >= entry->recipient_count ||
	    !read_number(time_word, INT64_MAX, &when) ||
	    !read_number(code_word, 599, &code) || code < 200 ||
	    !unescape(line))
		return false;
	r = reply((int)code, "%s", line);
	queue_decide(&entry->recipients[i], &r);
	entry->recipients[i].when = when;
	return true;
}

/* told NUMBER BITS */
static bool
read_told(struct queue_entry *entry, char *line)
{
	const char *number = cut_word(&line);
	int64_t i, bits;

	if (!read_number(number, RECIPIENTS_MAX, &i) ||
	    (size_t)i >= entry->recipient_count ||
	    !read_number(line, UINT8_MAX, &bits))
		return false;
	entry->recipients[i].reported |= (unsigned)bits;
	return true;
}

/* attempt NUMBER next TIME */
static bool
read_attempt(struct queue_entry *entry, char *line)
{
	const char *number = cut_word(&line);
	const char *word = cut_word(&line);
	int64_t attempts;

	if (strcmp(word, "next") != 0 ||
	    !read_number(number, INT32_MAX, &attempts) ||
	    !read_number(line, INT64_MAX, &entry->next))
		return false;
	entry->attempts = (int)attempts;
	return true;
}

/* One line before "end".  False when it is wrong. */
static bool
read_fact(struct queue_entry *entry, char *line)
{
	const char *key = cut_word(&line);

	if (strcmp(key, "id") == 0)
		return copy_string(entry->id, sizeof(entry->id), line);
	if (strcmp(key, "arrived") == 0)
		return read_number(line, INT64_MAX, &entry->arrived);
	if (strcmp(key, "size") == 0)
		return read_number(line, INT64_MAX, &entry->size);
	if (strcmp(key, "rcpt") == 0)
		return read_recipient(entry, line);
	for (size_t i = 0; i < COUNT(texts); i++)
		if (strcmp(key, texts[i].key) == 0)
			return read_text(entry, i, line);
	return true;
}

/* Held or failed no more; with no attempt behind it, one at least is made. */
static void
release(struct queue_entry *entry)
{
	entry->held = false;
	entry->attempts = 0;
	entry->next = 0;
	for (size_t i = 0; i < entry->recipient_count; i++)
		if (entry->recipients[i].state == RCPT_FAILED)
			entry->recipients[i].state = RCPT_PENDING;
}

/*
 * One line behind "end".  A wrong one is skipped: at worst somebody gets a
 * second copy, while an envelope nobody can read would be a loss.
 */
static void
read_outcome(struct queue_entry *entry, char *line)
{
	const char *key = cut_word(&line);

	entry->appended++;
	if (strcmp(key, "result") == 0)
		read_result(entry, line);
	else if (strcmp(key, "told") == 0)
		read_told(entry, line);
	else if (strcmp(key, "attempt") == 0)
		read_attempt(entry, line);
	else if (strcmp(key, "held") == 0)
		entry->held = true;
	else if (strcmp(key, "released") == 0)
		release(entry);
	else if (strcmp(key, "withdrawn") == 0)
		entry->withdrawn = true;
}

/* One line, as a string.  False when the envelope is none because of it. */
static bool
read_line(struct queue_entry *entry, char *line, bool *complete)
{
	if (*complete)
		read_outcome(entry, line);
	else if (strcmp(line, "end") == 0)
		*complete = entry->recipient_count > 0;
	else
		return read_fact(entry, line);
	return *complete;
}

size_t
queue_text_parse(const char *text, size_t size, struct queue_entry *entry)
{
	size_t at = sizeof(magic) - 1;
	bool complete = false;

	queue_entry_init(entry, "", &(struct queue_origin){ 0 });
	if (size < at || memcmp(text, magic, at) != 0)
		return 0;
	while (at < size) {
		const char *end = memchr(text + at, '\n', size - at);
		char line[LINE_ROOM];
		size_t length;

		if (end == NULL)
			break;
		length = (size_t)(end - text) - at;
		if (length < sizeof(line)) {
			memcpy(line, text + at, length);
			line[length] = '\0';
			if (!read_line(entry, line, &complete))
				return 0;
		} else if (!complete) {
			return 0;
		}
		at += length + 1;
	}
	return complete ? at : 0;
}
