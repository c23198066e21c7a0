/*
 * draft_header.c - file names in fields.
 *
 * A draft is the person's own file; all the same a name out of it is only taken
 * when it can be one of a message.
 */
#include "mua/draft_header.h"

#include <string.h>

#include "common/address.h"
#include "maildir/header.h"
#include "maildir/maildir.h"
#include "maildir/maildir_name.h"

enum { WORD_SIZE = 3 * MAILDIR_NAME_MAX + 1 };

static const char blanks[] = " \t\r\n";

/* Appends NAMES, "/" between them, as words. */
static void
encode_names(const char *names, struct buf *to)
{
	char word[WORD_SIZE];
	char *name;

	while ((name = draft_next_name(&names)) != NULL) {
		if (xtext_encode(name, word, sizeof(word)))
			buf_printf(to, "%s%s", to->size > 0 ? " " : "", word);
		free(name);
	}
}

/* Appends the words of FIELD as names, "/" between them. */
static void
decode_names(const struct header_field *field, struct buf *to)
{
	char *value = xasprintf("%.*s", (int)field->value_size, field->value);
	char *rest = NULL;
	char name[MAILDIR_NAME_MAX + 1];

	for (char *word = strtok_r(value, blanks, &rest); word != NULL;
	     word = strtok_r(NULL, blanks, &rest))
		if (xtext_decode(word, name, sizeof(name)) &&
		    maildir_name_is_plain(name))
			buf_printf(to, "%s%s", to->size > 0 ? "/" : "", name);
	free(value);
}

static void
put_names(const char *field, const char *names, GMimeMessage *to)
{
	struct buf words = BUF_INIT;

	encode_names(names, &words);
	if (words.size > 0)
		g_mime_object_set_header(GMIME_OBJECT(to), field, words.data,
		    NULL);
	buf_clear(&words);
}

void
draft_header_put(const struct draft *draft, bool unfinished, GMimeMessage *to)
{
	if (draft->wants_report)
		g_mime_object_set_header(GMIME_OBJECT(to), DRAFT_HEADER_REPORT,
		    "yes", NULL);
	put_names(DRAFT_HEADER_ANSWERS, draft->answers, to);
	if (unfinished)
		put_names(DRAFT_HEADER_DRAFT, draft->postponed, to);
	else
		put_names(DRAFT_HEADER_UNFINISHED, draft->unfinished, to);
}

void
draft_header_take(const char *header, struct draft *draft)
{
	struct header_field field;
	struct buf names = BUF_INIT;

	draft->wants_report =
	    header_find(header, strlen(header), DRAFT_HEADER_REPORT, &field);
	if (header_find(header, strlen(header), DRAFT_HEADER_ANSWERS, &field))
		decode_names(&field, &names);
	draft_replace(&draft->answers, names.data);
	buf_clear(&names);
}

char *
draft_header_name(const char *header, size_t size, const char *field_name)
{
	struct header_field field;
	struct buf names = BUF_INIT;

	if (header_find(header, size, field_name, &field))
		decode_names(&field, &names);
	if (names.size > 0 && strchr(names.data, '/') == NULL)
		return buf_steal(&names);
	buf_clear(&names);
	return NULL;
}
