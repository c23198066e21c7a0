/*
 * index_search.c - the messages of an index that a query looks for.
 *
 * FTS5 is asked once for each term that looks into texts; what it finds are
 * sets of bases.  Then every row of the index is decided upon: 100,000 take a
 * tenth of a second, about as long as to list them.
 */
#include <stdlib.h>
#include <string.h>

#include "common/buf.h"
#include "common/mem.h"
#include "maildir/id_table.h"
#include "maildir/index_private.h"
#include "maildir/index_text.h"
#include "maildir/query_private.h"

/* A search that is under way. */
struct search {
	const struct query *query;
	struct index_text *text;
	struct id_table *found; /* bases, by the number of a term */
	struct query_texts texts;
	int (*each)(void *arg, int64_t uid);
	void *arg;
};

static int
add_base(void *arg, const char *base)
{
	(void)id_table_find(arg, base, strlen(base));
	return 0;
}

/*
 * The expression of www.sqlite.org/fts5.html 3 for a term: its words as one
 * string, which FTS5 breaks as words.c does.
 */
static void
write_match(const struct query_term *term, struct buf *match)
{
	buf_addchar(match, '{');
	if ((term->places & IN_CC) != 0)
		buf_addstr(match, " cc");
	if ((term->places & IN_BODY) != 0)
		buf_addstr(match, " body");
	if ((term->places & IN_FILE) != 0)
		buf_addstr(match, " files");
	buf_addstr(match, " } : \"");
	for (const char *c = term->text; *c != '\0'; c++) {
		if (*c == '"')
			buf_addchar(match, '"');
		buf_addchar(match, *c);
	}
	buf_addstr(match, term->phrase.begins ? "\" *" : "\"");
}

/* Fills the sets of TERM and all that are beside and below it. */
static void
ask_text(struct search *search, const struct query_term *term)
{
	for (; term != NULL; term = term->next) {
		struct buf match = BUF_INIT;

		ask_text(search, term->child);
		if (term->kind != QUERY_WORDS || term->phrase.count == 0 ||
		    (term->places & IN_TEXT) == 0)
			continue;
		id_table_init(&search->found[term->number]);
		write_match(term, &match);
		/* On trouble with the text, headers are found all the same. */
		(void)index_text_find(search->text, match.data, add_base,
		    &search->found[term->number]);
		buf_clear(&match);
	}
}

static bool
is_in_text(void *arg, const struct query_term *term,
    const struct index_entry *entry)
{
	const struct search *search = arg;
	struct maildir_name name;

	maildir_parse_name(entry->name, &name);
	return id_table_has(&search->found[term->number], entry->name,
	    name.base);
}

static int
look_at(void *arg, const struct index_entry *entry)
{
	const struct search *search = arg;

	if (!query_decide(search->query, entry, &search->texts))
		return 0;
	return search->each(search->arg, entry->uid);
}

int
index_search(struct index *index, const struct query *query,
    int (*each)(void *arg, int64_t uid), void *arg)
{
	struct search search = {
		.query = query,
		.each = each,
		.arg = arg,
		.texts = { is_in_text, &search },
	};
	int rc;

	search.found = xcalloc(query->terms + 1, sizeof(search.found[0]));
	if (query_reads_text(query))
		search.text = index_text_open(index->root, false);
	if (search.text != NULL)
		ask_text(&search, query->root);
	rc = index_list(index, look_at, &search);
	index_text_close(search.text);
	for (size_t i = 0; i < query->terms; i++)
		id_table_clear(&search.found[i]);
	free(search.found);
	return rc;
}
