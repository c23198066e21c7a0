/*
 * mailbox_search.c - postlab mailbox search: the messages a query finds.
 *
 * The same language and the same file of words as the mua has; what was not yet
 * read is read first.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "admin/admin.h"
#include "admin/mailbox.h"
#include "common/buf.h"
#include "common/log.h"
#include "maildir/query.h"

struct looking {
	struct query *query;
	bool named; /* more than one mailbox: each line says whose */
};

/* Messages that were found, ascending. */
struct found {
	const struct mailbox *mailbox; /* to be named, or NULL */
	int64_t *uids;
	size_t count;
	size_t room;
	size_t next; /* to be printed */
};

static int
add_uid(void *arg, int64_t uid)
{
	struct found *found = arg;

	if (found->count == found->room) {
		found->room = found->room == 0 ? 64 : found->room * 2;
		found->uids =
		    xrealloc(found->uids, found->room * sizeof(found->uids[0]));
	}
	found->uids[found->count++] = uid;
	return 0;
}

/* Header fields in an index are harmless; the name may be anybody's. */
static int
print_found(void *arg, const struct index_entry *entry)
{
	struct found *found = arg;
	time_t date = entry->date != 0 ? entry->date : entry->received;
	char text[32];
	struct tm tm;

	if (found->next == found->count ||
	    found->uids[found->next] != entry->uid)
		return 0;
	found->next++;
	localtime_r(&date, &tm);
	strftime(text, sizeof(text), "%Y-%m-%d %H:%M", &tm);
	if (found->mailbox != NULL)
		printf("%s\t", found->mailbox->login);
	printf("%s\t%s\t%s\t%s/%s\n", text, entry->from, entry->subject,
	    entry->in_new ? "new" : "cur", log_safe(entry->name));
	return 0;
}

static bool
tell_progress(void *arg, size_t done, size_t total)
{
	struct progress *progress = arg;

	(void)total;
	while ((size_t)progress->messages < done)
		progress_add(progress, 0);
	return true;
}

static int
search_index(struct index *index, const struct maildir *maildir,
    const struct looking *looking, const struct mailbox *mailbox)
{
	struct progress progress = { .what = "read" };
	const struct fill_progress reading = { tell_progress, &progress };
	struct found found = { .mailbox = looking->named ? mailbox : NULL };
	int status = EX_TEMPFAIL;

	if (query_reads_text(looking->query) &&
	    index_fill_text(index, maildir, 0, &reading) != 0)
		admin_error(EX_TEMPFAIL,
		    "%s: not all texts could be read; their headers are "
		    "searched",
		    mailbox->login);
	progress_end(&progress);
	if (index_search(index, looking->query, add_uid, &found) == 0 &&
	    index_list(index, print_found, &found) == 0)
		status = EX_OK;
	free(found.uids);
	return status;
}

static int
search_one(void *arg, const struct mailbox *mailbox)
{
	const struct looking *looking = arg;
	struct maildir maildir;
	struct index *index;
	int status = EX_TEMPFAIL;

	if (maildir_look(AT_FDCWD, mailbox->folder, &maildir) == -1)
		return EX_OK; /* nothing was ever delivered */
	index = index_open(&maildir);
	if (index != NULL && index_sync(index, &maildir) == 0)
		status = search_index(index, &maildir, looking, mailbox);
	else
		admin_error(status, "%s: the index cannot be used now",
		    mailbox->login);
	index_close(index);
	maildir_close(&maildir);
	return status;
}

int
mailbox_search(int argc, char **argv)
{
	struct looking looking = { .named = strcmp(argv[1], "all") == 0 };
	struct buf text = BUF_INIT;
	char why[240];
	int status;

	for (int i = 2; i < argc; i++)
		buf_printf(&text, "%s%s", i == 2 ? "" : " ", argv[i]);
	looking.query = query_parse(text.data, why, sizeof(why));
	buf_clear(&text);
	if (looking.query == NULL)
		return admin_error(EX_USAGE, "%s", log_safe(why));
	status = mailbox_each(argv[1], search_one, &looking);
	query_free(looking.query);
	return status;
}
