/*
 * index_search.c - the messages of an index that a query looks for.
 */
#include "maildir/index_private.h"
#include "maildir/query_private.h"

/* A search that is under way. */
struct search {
	const struct query *query;
	int (*each)(void *arg, int64_t uid);
	void *arg;
};

static int
look_at(void *arg, const struct index_entry *entry)
{
	const struct search *search = arg;

	if (!query_decide(search->query, entry, NULL))
		return 0;
	return search->each(search->arg, entry->uid);
}

int
index_search(struct index *index, const struct query *query,
    int (*each)(void *arg, int64_t uid), void *arg)
{
	struct search search = { query, each, arg };

	return index_list(index, look_at, &search);
}

int64_t
index_fill_text(struct index *index, const struct maildir *maildir,
    size_t limit, const struct fill_progress *progress)
{
	(void)index;
	(void)maildir;
	(void)limit;
	(void)progress;
	return 0;
}
