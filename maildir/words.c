/*
 * words.c - text broken into words as the full-text search breaks it.
 *
 * FTS5 gives its tokenizers only through a database; one in memory, without a
 * table, does.  A phrase is searched by the shift-and method: bit I says that
 * the words seen last are the first I + 1 of the phrase.
 */
#include "maildir/words.h"

#include <sqlite3.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/mem.h"

struct word_breaker {
	sqlite3 *db;
	fts5_tokenizer methods;
	Fts5Tokenizer *tokenizer;
};

/* Text on its way through the tokenizer. */
struct reading {
	struct phrase *phrase; /* being read */
	bool full;
};

struct search {
	const struct phrase *phrase;
	uint64_t last; /* the bit of its last word */
	uint64_t state;
	bool found;
};

/* www.sqlite.org/fts5.html 7 */
static fts5_api *
find_api(sqlite3 *db)
{
	sqlite3_stmt *statement = NULL;
	fts5_api *api = NULL;

	if (sqlite3_prepare_v2(db, "SELECT fts5(?1)", -1, &statement, NULL) ==
	    SQLITE_OK) {
		sqlite3_bind_pointer(statement, 1, &api, "fts5_api_ptr", NULL);
		sqlite3_step(statement);
	}
	sqlite3_finalize(statement);
	return api;
}

struct word_breaker *
word_breaker_new(void)
{
	static const char *options[] = { "remove_diacritics",
		WORDS_REMOVE_DIACRITICS };
	struct word_breaker *breaker = xcalloc(1, sizeof(*breaker));
	fts5_api *api = NULL;
	void *data = NULL;

	if (sqlite3_open(":memory:", &breaker->db) == SQLITE_OK)
		api = find_api(breaker->db);
	if (api == NULL ||
	    api->xFindTokenizer(api, WORDS_TOKENIZER, &data,
		&breaker->methods) != SQLITE_OK ||
	    breaker->methods.xCreate(data, options, COUNT(options),
		&breaker->tokenizer) != SQLITE_OK)
		panic("SQLite has no FTS5");
	return breaker;
}

void
word_breaker_free(struct word_breaker *breaker)
{
	if (breaker == NULL)
		return;
	breaker->methods.xDelete(breaker->tokenizer);
	sqlite3_close(breaker->db);
	free(breaker);
}

static void
break_text(struct word_breaker *breaker, const char *text, void *arg,
    int (*each)(void *, int, const char *, int, int, int))
{
	breaker->methods.xTokenize(breaker->tokenizer, arg,
	    FTS5_TOKENIZE_DOCUMENT, text, (int)strlen(text), each);
}

static int
add_word(void *arg, int flags, const char *word, int size, int start, int end)
{
	struct reading *reading = arg;
	struct phrase *phrase = reading->phrase;

	(void)flags;
	(void)start;
	(void)end;
	reading->full = phrase->count == COUNT(phrase->words);
	if (reading->full)
		return SQLITE_DONE;
	phrase->words[phrase->count++] = xasprintf("%.*s", size, word);
	return SQLITE_OK;
}

bool
phrase_read(struct word_breaker *breaker, const char *text, bool begins,
    struct phrase *phrase_out)
{
	struct reading reading = { .phrase = phrase_out };

	*phrase_out = (struct phrase){ .begins = begins };
	break_text(breaker, text, &reading, add_word);
	return !reading.full;
}

void
phrase_clear(struct phrase *phrase)
{
	for (size_t i = 0; i < phrase->count; i++)
		free(phrase->words[i]);
	*phrase = (struct phrase){ 0 };
}

/* Whether WORD of SIZE bytes is word I of the phrase. */
static bool
is_word(const struct phrase *phrase, size_t i, const char *word, size_t size)
{
	size_t wanted = strlen(phrase->words[i]);

	if (phrase->begins && i + 1 == phrase->count && wanted < size)
		size = wanted;
	return wanted == size && memcmp(phrase->words[i], word, size) == 0;
}

static int
compare_word(void *arg, int flags, const char *word, int size, int start,
    int end)
{
	struct search *search = arg;
	const struct phrase *phrase = search->phrase;
	uint64_t same = 0;

	(void)flags;
	(void)start;
	(void)end;
	for (size_t i = 0; i < phrase->count; i++)
		if (is_word(phrase, i, word, (size_t)size))
			same |= (uint64_t)1 << i;
	search->state = (search->state << 1 | 1) & same;
	search->found = (search->state & search->last) != 0;
	return search->found ? SQLITE_DONE : SQLITE_OK;
}

bool
phrase_is_in(struct word_breaker *breaker, const struct phrase *phrase,
    const char *text)
{
	struct search search = { .phrase = phrase };

	if (phrase->count == 0)
		return false;
	search.last = (uint64_t)1 << (phrase->count - 1);
	break_text(breaker, text, &search, compare_word);
	return search.found;
}
