/*
 * queue_parse.c - an envelope out of its text.
 *
 * The reader trusts nothing: a session worker that was taken over can write
 * any envelope it likes.  So every number is checked, recipients come in order
 * and cannot be named before they are declared.
 */
#include <stdlib.h>
#include <string.h>

#include "smtpd/queue_text.h"

enum { RECIPIENTS_MAX = 1 << 20, LINE_ROOM = 8192 };

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

/* VALUE is what MEMBER says; of the sender, <> is nobody. */
static bool
read_text(char **member, bool is_path, char *value)
{
	if (is_path && strcmp(value, "<>") == 0)
		*value = '\0';
	if (!unescape(value))
		return false;
	free(*member);
	*member = xstrdup(value);
	return true;
}

/* rcpt NUMBER ADDRESS local|remote|expanded [orig=WORD] [dsn=WORD] */
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
	if (strcmp(where, "expanded") == 0)
		rcpt = queue_entry_add_alias(entry, address);
	else
		rcpt = queue_entry_add(entry, address, "");
	rcpt->fresh = false;
	rcpt->local = rcpt->expanded || strcmp(where, "local") == 0;
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
	entry->recipients[i].fresh = false;
	return true;
}

/* host NUMBER NAME */
static bool
read_host(struct queue_entry *entry, char *line)
{
	const char *number = cut_word(&line);
	int64_t i;

	if (!read_number(number, RECIPIENTS_MAX, &i) ||
	    (size_t)i >= entry->recipient_count || !unescape(line))
		return false;
	queue_credit(&entry->recipients[i], line);
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
	const char *name;
	char **member;

	if (strcmp(key, "id") == 0)
		return copy_string(entry->id, sizeof(entry->id), line);
	if (strcmp(key, "arrived") == 0)
		return read_number(line, INT64_MAX, &entry->arrived);
	if (strcmp(key, "size") == 0)
		return read_number(line, INT64_MAX, &entry->size);
	if (strcmp(key, "rcpt") == 0)
		return read_recipient(entry, line);
	for (size_t i = 0;
	     (member = queue_text_member(entry, i, &name)) != NULL; i++)
		if (strcmp(key, name) == 0)
			return read_text(member, i == 0, line);
	return true;
}

/* Held or failed no more; with no attempt behind it, one at least is made. */
static void
release(struct queue_entry *entry)
{
	entry->held = false;
	entry->attempts = 0;
	entry->next = 0;
	for (size_t i = 0; i < entry->recipient_count; i++) {
		struct queue_recipient *rcpt = &entry->recipients[i];

		if (rcpt->state != RCPT_FAILED)
			continue;
		rcpt->state = RCPT_PENDING;
		/* Should he fail again, the sender is to hear of it again. */
		rcpt->reported = 0;
	}
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
	else if (strcmp(key, "host") == 0)
		read_host(entry, line);
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
	size_t at = strlen(QUEUE_TEXT_MAGIC);
	bool complete = false;

	queue_entry_init(entry, "", &(struct queue_origin){ 0 });
	if (size < at || memcmp(text, QUEUE_TEXT_MAGIC, at) != 0)
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
