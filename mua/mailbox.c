/*
 * mailbox.c - the model of an opened mailbox, and what can be done to it.
 *
 * Every change goes through maildir.h and is then told to the index; a change
 * of our own must not look like new mail, so it is noted in the times seen.
 */
#include "mua/mailbox_rows.h"

#include "maildir/maildir_name.h"
#include "maildir/mbox.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const folders[] = { "new", "cur", "tmp" };

/* The first folder of a Maildir that PATH lacks; NULL when none is missing. */
static const char *
missing_folder(const char *path)
{
	for (size_t i = 0; i < COUNT(folders); i++) {
		char *folder = xasprintf("%s/%s", path, folders[i]);
		struct stat st;
		int rc = stat(folder, &st);

		free(folder);
		if (rc == 0 && S_ISDIR(st.st_mode))
			continue;
		if (rc == 0)
			errno = ENOTDIR;
		return folders[i];
	}
	return NULL;
}

/* Checks PATH; returns whether it can be opened, with WHY when it cannot. */
static bool
check_path(const char *path, bool *is_file, char *why, size_t size)
{
	const char *missing;
	struct stat st;

	if (stat(path, &st) == -1) {
		snprintf(why, size, "cannot open %s: %s", path,
		    strerror(errno));
		return false;
	}
	*is_file = S_ISREG(st.st_mode);
	if (*is_file && mbox_has_several(path)) {
		snprintf(why, size,
		    "%s is an mbox with several messages: mua reads a Maildir, "
		    "or a file with one",
		    path);
		return false;
	}
	if (*is_file)
		return true;
	missing = missing_folder(path);
	if (missing == NULL)
		return true;
	if (errno == ENOENT || errno == ENOTDIR)
		snprintf(why, size, "%s is not a Maildir: it has no folder %s/",
		    path, missing);
	else
		snprintf(why, size, "cannot open %s/%s: %s", path, missing,
		    strerror(errno));
	return false;
}

struct mailbox *
mailbox_open(const char *path, char *why, size_t size)
{
	struct mailbox *mailbox;
	bool is_file;

	if (!check_path(path, &is_file, why, size))
		return NULL;

	mailbox = xcalloc(1, sizeof(*mailbox));
	mailbox->path = xstrdup(path);
	mailbox->is_file = is_file;
	if (is_file)
		return mailbox;
	if (maildir_open(AT_FDCWD, path, false, &mailbox->maildir) == -1) {
		snprintf(why, size, "cannot open %s", path);
		free(mailbox->path);
		free(mailbox);
		return NULL;
	}
	mailbox->index = index_open(&mailbox->maildir);
	return mailbox;
}

void
mailbox_close(struct mailbox *mailbox)
{
	if (mailbox == NULL)
		return;
	arena_clear(&mailbox->arena);
	free(mailbox->entries);
	free(mailbox->rows);
	free(mailbox->threads);
	if (!mailbox->is_file) {
		if (mailbox->index != NULL)
			index_close(mailbox->index);
		maildir_close(&mailbox->maildir);
	}
	free(mailbox->path);
	free(mailbox);
}

bool
mailbox_is_maildir(const char *path)
{
	return missing_folder(path) == NULL;
}

/* Opens the file of ENTRY. */
static int
open_entry(struct mailbox *mailbox, const struct mailbox_entry *entry)
{
	if (mailbox->is_file)
		return open(mailbox->path, O_RDONLY | O_CLOEXEC);
	return maildir_open_message(&mailbox->maildir, entry->in_new,
	    entry->name);
}

/* The bit of a letter in a set of flags; 0 for what is no letter. */
static uint64_t
flag_bit(char letter)
{
	if (letter >= 'A' && letter <= 'Z')
		return UINT64_C(1) << (letter - 'A');
	if (letter >= 'a' && letter <= 'z')
		return UINT64_C(1) << (letter - 'a' + 26);
	return 0;
}

uint64_t
mailbox_flags(const char *flags)
{
	uint64_t set = 0;

	for (; *flags != '\0'; flags++)
		set |= flag_bit(*flags);
	return set;
}

bool
mailbox_has_flag(const struct mailbox_entry *entry, char flag)
{
	return (entry->flags & flag_bit(flag)) != 0;
}

void
mailbox_name_flags(uint64_t set, char flags[MAILDIR_FLAGS_MAX + 1])
{
	for (int c = 'A'; c <= 'z'; c++)
		if ((set & flag_bit((char)c)) != 0)
			*flags++ = (char)c;
	*flags = '\0';
}

/* The message is called NAME now. */
static void
rename_entry(struct mailbox *mailbox, struct mailbox_entry *entry, bool in_new,
    const char *name)
{
	struct maildir_name parsed;

	maildir_parse_name(name, &parsed);
	entry->name = arena_string(&mailbox->arena, name);
	entry->in_new = in_new;
	entry->flags = mailbox_flags(parsed.flags);
}

/* A message that shall be found in the folders. */
struct sought {
	struct mailbox *mailbox;
	struct mailbox_entry *entry;
};

/* For maildir_scan(): takes the name under which the message is now. */
static int
follow_name(void *arg, bool in_new, const char *name)
{
	const struct sought *sought = arg;

	if (!maildir_name_equal(name, sought->entry->name))
		return 0;
	rename_entry(sought->mailbox, sought->entry, in_new, name);
	return 1;
}

int
mailbox_set_flag(struct mailbox *mailbox, size_t i, char flag, bool set)
{
	struct mailbox_entry *entry = &mailbox->entries[i];
	struct sought sought = { mailbox, entry };
	char name[MAILDIR_NAME_MAX + 1];
	char flags[MAILDIR_FLAGS_MAX + 1];
	bool settled;

	if (mailbox->is_file)
		return 0;
	settled = !mailbox_changed(mailbox);
	if (!settled) /* a flag that another program has set must stay */
		maildir_scan(&mailbox->maildir, follow_name, &sought);
	if (mailbox_has_flag(entry, flag) == set)
		return 0;
	mailbox_name_flags(entry->flags ^ flag_bit(flag), flags);

	if (maildir_set_flags(&mailbox->maildir, entry->in_new, entry->name,
		flags, name) == -1)
		return -1;
	rename_entry(mailbox, entry, false, name);
	if (mailbox->index != NULL)
		index_renamed(mailbox->index, false, name);
	if (settled)
		mailbox_note_times(mailbox);
	return 0;
}

int
mailbox_message_fd(struct mailbox *mailbox, size_t i)
{
	return open_entry(mailbox, &mailbox->entries[i]);
}

struct message *
mailbox_message(struct mailbox *mailbox, size_t i)
{
	int fd = mailbox_message_fd(mailbox, i);

	return fd == -1 ? NULL : message_open(fd);
}

void
mailbox_mark_deleted(struct mailbox *mailbox, size_t i, bool deleted)
{
	mailbox->entries[i].deleted = deleted;
	if (!deleted)
		mailbox_set_flag(mailbox, i, 'T', false);
}

struct mailbox_entry *
mailbox_by_uid(const struct mailbox *mailbox, int64_t uid)
{
	size_t low = 0;
	size_t high = mailbox->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (mailbox->entries[middle].uid < uid)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < mailbox->count && mailbox->entries[low].uid == uid)
		return &mailbox->entries[low];
	return NULL;
}

size_t
mailbox_deleted(const struct mailbox *mailbox)
{
	size_t n = 0;

	for (size_t i = 0; i < mailbox->count; i++)
		n += mailbox->entries[i].deleted;
	return n;
}

size_t
mailbox_unread(const struct mailbox *mailbox)
{
	size_t n = 0;

	if (mailbox->is_file)
		return 0;
	for (size_t i = 0; i < mailbox->count; i++)
		n += !mailbox_has_flag(&mailbox->entries[i], 'S');
	return n;
}

size_t
mailbox_purge(struct mailbox *mailbox)
{
	size_t kept = 0;
	size_t current = 0;
	size_t failed = 0;
	bool grouped =
	    mailbox->index != NULL && index_begin(mailbox->index) == 0;

	for (size_t i = 0; i < mailbox->count; i++) {
		struct mailbox_entry *entry = &mailbox->entries[i];
		bool gone = entry->deleted &&
		    maildir_remove(&mailbox->maildir, entry->in_new,
			entry->name) == 0;

		if (gone) {
			if (mailbox->index != NULL)
				index_removed(mailbox->index, entry->name);
			continue;
		}
		if (i <= mailbox->current)
			current = kept;
		failed += entry->deleted;
		mailbox->entries[kept++] = *entry;
	}
	if (grouped)
		index_commit(mailbox->index);
	mailbox->count = kept;
	mailbox->current = current;
	mailbox_arrange(mailbox);
	maildir_sync(&mailbox->maildir);
	return failed;
}
