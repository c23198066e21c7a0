/*
 * mailbox.c - postlab mailbox: the mail of one person, or of all.
 *
 * All verbs work while the daemons run.
 */
#include "admin/mailbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "admin/admin.h"

enum { NANOSECONDS = 1000000000 };

/* The mailboxes asked for, taken down before the work begins. */
struct choice {
	struct mailbox *list;
	size_t count;
};

static void
choose(void *arg, const struct mailbox *mailbox)
{
	struct choice *choice = arg;

	choice->list = xrealloc(choice->list,
	    (choice->count + 1) * sizeof(choice->list[0]));
	choice->list[choice->count++] = *mailbox;
}

static int
find(struct directory *directory, const char *who, struct choice *choice)
{
	struct address address;
	struct mailbox mailbox;

	if (strcmp(who, "all") == 0)
		return directory_list_mailboxes(directory, choose, choice) == 0
		    ? EX_OK
		    : EX_TEMPFAIL;
	if (!admin_address(who, false, &address))
		return EX_DATAERR;
	switch (directory_mailbox(directory, &address, &mailbox)) {
	case LOOKUP_YES:
		choose(choice, &mailbox);
		return EX_OK;
	case LOOKUP_NO:
		return admin_error(EX_NOUSER,
		    "%s@%s: there is no mailbox of that name", address.local,
		    address.domain);
	default:
		return EX_TEMPFAIL;
	}
}

int
mailbox_each(const char *who,
    int (*work)(void *arg, const struct mailbox *mailbox), void *arg)
{
	struct choice choice = { NULL, 0 };
	struct directory *directory;
	int status = EX_TEMPFAIL;

	admin_enter();
	directory = directory_open(false);
	if (directory != NULL)
		status = find(directory, who, &choice);
	directory_close(directory);
	for (size_t i = 0; i < choice.count; i++) {
		int result = work(arg, &choice.list[i]);

		if (status == EX_OK)
			status = result;
	}
	free(choice.list);
	return status;
}

static int64_t
now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64_t)time.tv_sec * NANOSECONDS + time.tv_nsec;
}

void
progress_add(struct progress *progress, int64_t octets)
{
	int64_t time = now();

	progress->messages++;
	progress->octets += octets;
	if (progress->next == 0)
		progress->next = time + NANOSECONDS;
	if (time < progress->next || !isatty(STDERR_FILENO))
		return;
	progress->next = time + NANOSECONDS;
	progress->shown = true;
	fprintf(stderr, "\r%lld messages %s, %lld MB",
	    (long long)progress->messages, progress->what,
	    (long long)progress->octets / 1000000);
	if (progress->total > 0)
		fprintf(stderr, ", %lld %%",
		    (long long)(progress->octets * 100 / progress->total));
}

void
progress_end(struct progress *progress)
{
	if (progress->shown)
		fputc('\n', stderr);
	progress->shown = false;
}

int
admin_mailbox(int argc, char **argv)
{
	static const struct admin_verb verbs[] = {
		{ "check", 1, 1, mailbox_check },
		{ "reindex", 1, 1, mailbox_reindex },
		{ "export", 1, 3, mailbox_export },
		{ "import", 2, 3, mailbox_import },
		{ "search", 2, 100, mailbox_search },
	};

	return admin_run_verb(verbs, COUNT(verbs), argc, argv);
}
