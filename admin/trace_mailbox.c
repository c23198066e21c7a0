/* trace_mailbox.c - through every mailbox of the directory. */
#include "admin/trace_mailbox.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/directory.h"
#include "common/mem.h"
#include "maildir/maildir.h"

/* Whom to tell of the rows. */
struct visit {
	void (*each)(void *arg, const struct trace_row *row);
	void *arg;
	const struct mailbox *mailbox;
};

static int
visit_row(void *arg, const struct index_entry *entry)
{
	const struct visit *visit = arg;
	struct trace_row row = {
		.login = visit->mailbox->login,
		.folder = visit->mailbox->folder,
		.entry = entry,
	};

	listing_uidl(entry->name, row.file, sizeof(row.file));
	visit->each(visit->arg, &row);
	return 0;
}

static bool
has_index(const char *folder)
{
	char *path = xasprintf("%s/index.sqlite", folder);
	bool there = access(path, F_OK) == 0;

	free(path);
	return there;
}

static void
visit_mailbox(void *arg, const struct mailbox *mailbox)
{
	struct visit *visit = arg;
	struct maildir maildir;
	struct index *index;

	if (!has_index(mailbox->folder) ||
	    maildir_open(AT_FDCWD, mailbox->folder, false, &maildir) == -1)
		return;
	visit->mailbox = mailbox;
	index = index_open(&maildir);
	if (index != NULL)
		(void)index_list(index, visit_row, visit);
	index_close(index);
	maildir_close(&maildir);
}

void
trace_mailboxes(void (*each)(void *arg, const struct trace_row *row), void *arg)
{
	struct visit visit = { .each = each, .arg = arg };
	struct directory *directory = directory_open(false);

	if (directory != NULL)
		(void)directory_list_mailboxes(directory, visit_mailbox,
		    &visit);
	directory_close(directory);
}

/* Below mail/, whatever a line of the log says. */
static bool
is_mail_folder(const char *folder)
{
	return strncmp(folder, "mail/", 5) == 0 && folder[5] != '\0' &&
	    strstr(folder, "..") == NULL;
}

/* One look into a folder, for the copies of all messages. */
struct look {
	struct trace *trace;
	const char *folder;
	enum trace_place place; /* those seen get; else what they have */
	const char *file;       /* of the one seen, NULL for all others */
	const char *name;
};

/* Tells every copy in the folder that was not seen yet. */
static void
place_copies(const struct look *look)
{
	for (size_t i = 0; i < look->trace->count; i++) {
		struct trace_message *message = &look->trace->messages[i];

		for (size_t j = 0; j < message->copy_count; j++) {
			struct trace_copy *copy = &message->copies[j];

			if (copy->place != PLACE_UNKNOWN ||
			    strcmp(copy->folder, look->folder) != 0 ||
			    (look->file != NULL &&
				strcmp(copy->file, look->file) != 0))
				continue;
			copy->place = look->place;
			free(copy->name);
			copy->name = xstrdup(look->name);
		}
	}
}

static int
see_file(void *arg, bool in_new, const char *name)
{
	struct look *look = arg;
	char file[LISTING_UIDL_SIZE];

	listing_uidl(name, file, sizeof(file));
	look->place = in_new ? PLACE_NEW : PLACE_CUR;
	look->file = file;
	look->name = name;
	place_copies(look);
	look->file = NULL;
	return 0;
}

static void
look_into(struct trace *trace, const char *folder)
{
	struct look look = { .trace = trace, .folder = folder };
	struct maildir maildir;

	if (!is_mail_folder(folder))
		return;
	if (access(folder, F_OK) == 0) {
		if (maildir_open(AT_FDCWD, folder, false, &maildir) == -1)
			return;
		if (maildir_scan(&maildir, see_file, &look) == -1) {
			maildir_close(&maildir);
			return;
		}
		maildir_close(&maildir);
	} else if (errno != ENOENT) {
		return;
	}
	look.place = PLACE_GONE;
	look.name = "";
	place_copies(&look);
}

void
trace_locate(struct trace *trace)
{
	for (size_t i = 0; i < trace->count; i++) {
		const struct trace_message *message = &trace->messages[i];

		for (size_t j = 0; j < message->copy_count; j++)
			if (message->copies[j].place == PLACE_UNKNOWN)
				look_into(trace, message->copies[j].folder);
	}
}
