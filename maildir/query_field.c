/*
 * query_field.c - the terms of a query that are written NAME:VALUE.
 *
 * A table of the names; its readers fill in the term.
 */
#include "maildir/query_field.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/mem.h"
#include "maildir/query_date.h"

/* A place in the query where a term is being made. */
struct making {
	struct query *query;
	struct query_term *term;
	const struct query_value *value;
	struct query_fault *fault;
};

bool
query_refuse(struct query_fault *fault, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(fault->why, fault->size, fmt, ap);
	va_end(ap);
	return false;
}

/* Whether there may be words in it at all. */
static bool
has_letters(const char *text)
{
	for (; *text != '\0'; text++)
		if (isalnum((unsigned char)*text) || (*text & 0x80) != 0)
			return true;
	return false;
}

bool
query_set_words(struct query *query, struct query_term *term, unsigned places,
    const char *words, bool whole, struct query_fault *fault)
{
	if (!has_letters(words))
		return query_refuse(fault,
		    "\"%s\" has no letters or digits to look for.", words);
	term->kind = QUERY_WORDS;
	term->places = places;
	term->text = xstrdup(words);
	if (!phrase_read(query->breaker, words, !whole, &term->phrase))
		return query_refuse(fault,
		    "That are too many words in a row; %d are possible.",
		    PHRASE_WORDS_MAX);
	return true;
}

static bool
read_words(struct making *making, unsigned places)
{
	return query_set_words(making->query, making->term, places,
	    making->value->text, making->value->quoted, making->fault);
}

static bool
read_id(struct making *making, unsigned unused)
{
	const char *text = making->value->text;
	size_t length = strlen(text);

	(void)unused;
	if (length > 1 && text[0] == '<' && text[length - 1] == '>') {
		text++;
		length -= 2;
	}
	making->term->kind = QUERY_ID;
	making->term->text = xasprintf("%.*s", (int)length, text);
	return true;
}

static bool
read_is(struct making *making, unsigned unused)
{
	static const struct {
		const char *name;
		enum query_kind kind;
		char flag; /* of a Maildir name */
	} states[] = {
		{ "unread", QUERY_NO_FLAG, 'S' },
		{ "read", QUERY_FLAG, 'S' },
		{ "flagged", QUERY_FLAG, 'F' },
		{ "replied", QUERY_FLAG, 'R' },
		{ "forwarded", QUERY_FLAG, 'P' },
		{ "deleted", QUERY_FLAG, 'T' },
		{ "draft", QUERY_FLAG, 'D' },
		{ "new", QUERY_NEW, 0 },
	};

	(void)unused;
	for (size_t i = 0; i < COUNT(states); i++)
		if (strcasecmp(making->value->text, states[i].name) == 0) {
			making->term->kind = states[i].kind;
			making->term->flag = states[i].flag;
			return true;
		}
	return query_refuse(making->fault,
	    "is: takes unread, read, flagged, replied, forwarded, deleted, "
	    "draft or new, not \"%s\".",
	    making->value->text);
}

static bool
read_has(struct making *making, unsigned unused)
{
	(void)unused;
	making->term->kind = QUERY_ATTACHMENT;
	return strncasecmp(making->value->text, "attachment", 10) == 0 ||
	    query_refuse(making->fault, "has: takes attachment, not \"%s\".",
		making->value->text);
}

/* on: is two terms, from its begin and before its end. */
static struct query_term *
add_before(struct making *making, int64_t end)
{
	struct query_term *term = xcalloc(1, sizeof(*term));

	term->kind = QUERY_BEFORE;
	term->value = end;
	term->number = making->query->terms++;
	return term;
}

static bool
read_date(struct making *making, unsigned kind)
{
	struct query_term *term = making->term;
	struct query_period period;

	if (!query_date_read(making->value->text, time(NULL), &period))
		return query_refuse(making->fault,
		    "\"%s\" is no date such as 2026-11-22, 2026-11, 2026, "
		    "today, yesterday, 3d, 2w, 6m or 1y.",
		    making->value->text);
	term->kind = kind;
	term->value = period.begin;
	if (kind == QUERY_AND) {
		term->child = add_before(making, period.begin);
		term->child->kind = QUERY_FROM;
		term->child->next = add_before(making, period.end);
	}
	return true;
}

static bool
read_size(struct making *making, unsigned kind)
{
	static const char units[] = "kmg";
	const char *text = making->value->text;
	char *end;
	const char *unit;
	long long size;

	errno = 0;
	size = strtoll(text, &end, 10);
	unit =
	    *end == '\0' ? NULL : strchr(units, tolower((unsigned char)*end));
	making->term->kind = kind;
	if (unit != NULL && end[1] == '\0' && size <= INT32_MAX)
		size <<= 10 * (unit - units + 1);
	else if (*end != '\0')
		errno = EINVAL;
	making->term->value = size;
	if (!isdigit((unsigned char)*text) || errno != 0)
		return query_refuse(making->fault,
		    "\"%s\" is no size such as 5000, 10k or 2M.", text);
	return true;
}

/* clang-format off */
static const struct {
	const char *name;
	bool (*read)(struct making *making, unsigned what);
	unsigned what;
} fields[] = {
	{ "from",    read_words, IN_FROM },
	{ "to",      read_words, IN_TO },
	{ "cc",      read_words, IN_CC },
	{ "subject", read_words, IN_SUBJECT },
	{ "body",    read_words, IN_BODY },
	{ "file",    read_words, IN_FILE },
	{ "id",      read_id,    0 },
	{ "has",     read_has,   0 },
	{ "is",      read_is,    0 },
	{ "before",  read_date,  QUERY_BEFORE },
	{ "after",   read_date,  QUERY_FROM },
	{ "on",      read_date,  QUERY_AND },
	{ "larger",  read_size,  QUERY_LARGER },
	{ "smaller", read_size,  QUERY_SMALLER },
};
/* clang-format on */

bool
query_set_field(struct query *query, struct query_term *term,
    const struct query_value *value, struct query_fault *fault)
{
	struct making making = { query, term, value, fault };

	for (size_t i = 0; i < COUNT(fields); i++) {
		if (strcasecmp(fields[i].name, value->name) != 0)
			continue;
		if (*value->text == '\0')
			return query_refuse(fault,
			    "What is looked for must stand behind %s: without "
			    "a blank.",
			    fields[i].name);
		return fields[i].read(&making, fields[i].what);
	}
	return query_refuse(fault,
	    "There is no %s:, but from: to: cc: subject: body: file: id: has: "
	    "is: before: after: on: larger: smaller:; or use quotes.",
	    value->name);
}
