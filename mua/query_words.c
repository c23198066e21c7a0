/*
 * query_words.c - completes the words of the query language.
 */
#include "mua/query_words.h"

#include <string.h>
#include <strings.h>

static const struct {
	const char *word;
	const char *help;
} words[] = {
	/* clang-format off */
	{ "from:",          "sender, name or address" },
	{ "to:",            "a recipient in To" },
	{ "cc:",            "one in Cc" },
	{ "subject:",       "subject:\"annual report\"" },
	{ "body:",          "the text" },
	{ "file:",          "the name of an attachment" },
	{ "has:attachment", "" },
	{ "is:unread",      "" },
	{ "is:read",        "" },
	{ "is:flagged",     "" },
	{ "is:replied",     "" },
	{ "before:",        "2026, 2026-11, 2026-11-22, yesterday, 3d" },
	{ "after:",         "likewise, with that day" },
	{ "on:",            "that day" },
	{ "larger:",        "10k, 2M" },
	{ "smaller:",       "" },
	/* clang-format on */
};

bool
query_words_mean_all(const char *text)
{
	return strcmp(text, "all") == 0 || strcmp(text, ".") == 0 ||
	    strcmp(text, "~A") == 0;
}

/* How many bytes A and B have in common at their beginning. */
static size_t
common_size(const char *a, const char *b)
{
	size_t size = 0;

	while (a[size] != '\0' && a[size] == b[size])
		size++;
	return size;
}

void
query_words_complete(void *arg, struct buf *text, struct lines *choices)
{
	const char *blank = strrchr(text->data, ' ');
	const char *start = blank == NULL ? text->data : blank + 1;
	const char *first = NULL;
	size_t typed;
	size_t size = 0;

	(void)arg;
	start += *start == '-' || *start == '(';
	typed = strlen(start);
	for (size_t i = 0; i < COUNT(words); i++) {
		const char *word = words[i].word;

		if (strncasecmp(word, start, typed) != 0)
			continue;
		size = first == NULL ? strlen(word) : size;
		first = first == NULL ? word : first;
		if (common_size(first, word) < size)
			size = common_size(first, word);
		lines_printf(choices, STYLE_NORMAL, "%-15s %s", word,
		    words[i].help);
	}
	if (first != NULL)
		buf_add(text, first + typed, size - typed);
}
