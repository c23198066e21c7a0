/*
 * batch_find.c - which messages list and search are for.
 */
#include "mua/batch.h"

#include "mua/mailbox_match.h"
#include "mua/mailbox_rows.h"
#include "mua/query_words.h"

#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

static bool
show_progress(void *arg, size_t done, size_t total)
{
	(void)arg;
	fprintf(stderr, "\rReading texts: %zu of %zu", done, total);
	return true;
}

/* Ctrl-C ends it like any other command; what was read stays read. */
static bool
read_texts(struct mailbox *mailbox)
{
	const struct fill_progress progress = { show_progress, NULL };
	bool terminal = isatty(STDERR_FILENO) != 0;

	int64_t left;

	if (mailbox->index == NULL)
		return false;
	left = index_fill_text(mailbox->index, &mailbox->maildir, 0,
	    terminal ? &progress : NULL);
	if (terminal)
		fputs("\r\033[K", stderr);
	return left != -1;
}

int
batch_limit(struct mailbox *mailbox, const char *text, bool *partly_out)
{
	struct query *query = NULL;
	bool *matches;
	char why[256];

	*partly_out = false;
	if (!query_words_mean_all(text)) {
		query = query_parse(text, why, sizeof(why));
		if (query == NULL) {
			fprintf(stderr, "mua: %s\n", why);
			return EX_USAGE;
		}
		if (query_reads_text(query) && !read_texts(mailbox)) {
			fputs("mua: texts cannot be read, only headers are "
			      "searched\n",
			    stderr);
			*partly_out = true;
		}
	}
	matches = xcalloc(mailbox->count + 1, sizeof(bool));
	mailbox_match(mailbox, query, matches);
	mailbox_limit(mailbox, matches);
	free(matches);
	query_free(query);
	return EX_OK;
}
