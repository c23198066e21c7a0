/*
 * query_match.c - whether a message is what a query looks for.
 *
 * Header fields come from the index, which has them for every message; of what
 * only FTS5 knows the caller is asked.
 */
#include <string.h>
#include <strings.h>

#include "common/mem.h"
#include "maildir/query_private.h"

static bool
is_in_header(const struct query *query, const struct query_term *term,
    const struct index_entry *entry)
{
	const struct {
		unsigned place;
		const char *text;
	} fields[] = {
		{ IN_FROM, entry->from },
		{ IN_TO, entry->to },
		{ IN_SUBJECT, entry->subject },
	};

	for (size_t i = 0; i < COUNT(fields); i++)
		if ((term->places & fields[i].place) != 0 &&
		    fields[i].text != NULL &&
		    phrase_is_in(query->breaker, &term->phrase, fields[i].text))
			return true;
	return false;
}

static bool
has_words(const struct query *query, const struct query_term *term,
    const struct index_entry *entry, const struct query_texts *texts)
{
	if (is_in_header(query, term, entry))
		return true;
	return texts != NULL && (term->places & IN_TEXT) != 0 &&
	    texts->has(texts->arg, term, entry);
}

/* As the list shows it. */
static int64_t
moment(const struct index_entry *entry)
{
	return entry->date != 0 ? entry->date : entry->received;
}

/* A term without children. */
static bool
decide_leaf(const struct query *query, const struct query_term *term,
    const struct index_entry *entry, const struct query_texts *texts)
{
	switch (term->kind) {
	case QUERY_WORDS:
		return has_words(query, term, entry, texts);
	case QUERY_ID:
		return strcasecmp(term->text, entry->message_id) == 0;
	case QUERY_FLAG:
		return strchr(entry->flags, term->flag) != NULL;
	case QUERY_NO_FLAG:
		return strchr(entry->flags, term->flag) == NULL;
	case QUERY_NEW:
		return entry->in_new;
	case QUERY_ATTACHMENT:
		return entry->attachments > 0;
	case QUERY_BEFORE:
		return moment(entry) < term->value;
	case QUERY_FROM:
		return moment(entry) >= term->value;
	case QUERY_LARGER:
		return entry->octets > term->value;
	case QUERY_SMALLER:
		return entry->octets < term->value;
	default:
		return false;
	}
}

/* As deep as QUERY_DEPTH_MAX brackets and what is in them. */
static bool
decide(const struct query *query, const struct query_term *term,
    const struct index_entry *entry, const struct query_texts *texts)
{
	const bool all = term->kind == QUERY_AND;

	if (term->kind == QUERY_NOT)
		return !decide(query, term->child, entry, texts);
	if (term->kind != QUERY_AND && term->kind != QUERY_OR)
		return decide_leaf(query, term, entry, texts);
	for (const struct query_term *child = term->child; child != NULL;
	     child = child->next)
		if (decide(query, child, entry, texts) != all)
			return !all;
	return all;
}

bool
query_decide(const struct query *query, const struct index_entry *entry,
    const struct query_texts *texts)
{
	return query->root == NULL || decide(query, query->root, entry, texts);
}

bool
query_match(const struct query *query, const struct index_entry *entry)
{
	return query_decide(query, entry, NULL);
}
