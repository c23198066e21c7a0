/*
 * restore_mail.c - messages of a backup added to mailboxes that are in use.
 *
 * What is missing is added, by the base of its name, each message as durably as
 * a delivery; nothing is removed, replaced or made twice.  The envelopes come
 * from the index in the backup.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "admin/admin.h"
#include "admin/backup.h"
#include "admin/restore.h"
#include "common/directory.h"
#include "common/log.h"
#include "maildir/index_aside.h"
#include "maildir/index_repair.h"
#include "maildir/maildir_name.h"
#include "maildir/name_set.h"

static const char index_draft[] = INDEX_FILE ".restored";

/* Where a file of the backup belongs. */
struct place {
	char *folder;     /* "mail/campus.example/alice/.Sent" */
	const char *name; /* of the message, or of the file beside */
	enum { PLACE_NEW, PLACE_CUR, PLACE_INDEX, PLACE_OTHER } kind;
};

/* The Maildir that is being added to: files of one come together. */
struct adding {
	const struct restore_choice *choice;
	struct directory *directory;
	char *folder; /* NULL: none is open */
	struct maildir maildir;
	struct name_set known;
	struct maildir_draft draft;
	struct place place; /* of the file being written */
	bool has_index;
	int64_t added;
	int64_t there;
};

static struct place
find_place(const char *path)
{
	struct place place = { .kind = PLACE_OTHER };
	const char *name = strrchr(path, '/');
	size_t size = name == NULL ? 0 : (size_t)(name - path);

	place.name = name == NULL ? path : name + 1;
	if (size > 4 && strncmp(name - 4, "/new", 4) == 0)
		place.kind = PLACE_NEW;
	else if (size > 4 && strncmp(name - 4, "/cur", 4) == 0)
		place.kind = PLACE_CUR;
	else if (strcmp(place.name, INDEX_FILE) == 0)
		place.kind = PLACE_INDEX;
	if (place.kind == PLACE_NEW || place.kind == PLACE_CUR)
		size -= 4;
	if (place.kind < PLACE_INDEX && !maildir_name_is_plain(place.name))
		place.kind = PLACE_OTHER;
	place.folder = xasprintf("%.*s", (int)size, path);
	return place;
}

/* mail/DOMAIN/USER, with .SUBFOLDER or not: of a mailbox that there is. */
static bool
is_mailbox(struct adding *adding, const char *folder)
{
	struct address address;
	struct mailbox mailbox;
	const char *domain = folder + 5;
	const char *user =
	    strncmp(folder, "mail/", 5) == 0 ? strchr(domain, '/') : NULL;
	const char *rest;
	char *text;
	bool good;

	if (user == NULL)
		return false;
	rest = user + 1 + strcspn(user + 1, "/");
	if (*rest != '\0' && (rest[1] != '.' || strchr(rest + 1, '/') != NULL))
		return false;
	text = xasprintf("%.*s@%.*s", (int)(rest - user - 1), user + 1,
	    (int)(user - domain), domain);
	good = address_parse(text, &address) &&
	    directory_mailbox(adding->directory, &address, &mailbox) ==
		LOOKUP_YES &&
	    strncmp(mailbox.folder, folder, strlen(mailbox.folder)) == 0;
	if (!good)
		admin_error(EX_NOUSER, "%s: there is no mailbox of that name",
		    log_safe(text));
	free(text);
	return good;
}

/* With what SQLite lays beside it. */
static void
remove_index_draft(const struct maildir *maildir)
{
	unlinkat(maildir->root, index_draft, 0);
	index_remove_log(maildir->root, index_draft);
}

/* The index, when the messages are in their places. */
static void
close_folder(struct adding *adding)
{
	struct index *index;

	if (adding->folder == NULL)
		return;
	/* Subfolders have none. */
	if (strstr(adding->folder, "/.") == NULL) {
		index = index_open(&adding->maildir);
		if (index != NULL && index_sync(index, &adding->maildir) == 0 &&
		    adding->has_index)
			(void)index_adopt(index, adding->maildir.root,
			    index_draft);
		index_close(index);
	}
	if (adding->has_index)
		remove_index_draft(&adding->maildir);
	adding->has_index = false;
	maildir_close(&adding->maildir);
	name_set_clear(&adding->known);
	free(adding->folder);
	adding->folder = NULL;
}

static int
open_folder(struct adding *adding, const char *folder)
{
	struct stat st;

	if (adding->folder != NULL && strcmp(adding->folder, folder) == 0)
		return 0;
	close_folder(adding);
	if (!is_mailbox(adding, folder))
		return -1;
	if (lstat(folder, &st) == 0 && !S_ISDIR(st.st_mode))
		return log_failure("%s is no folder", log_safe(folder));
	if (maildir_open(AT_FDCWD, folder, true, &adding->maildir) == -1)
		return -1;
	adding->folder = xstrdup(folder);
	return name_set_load(&adding->known, &adding->maildir);
}

static int
open_index(struct adding *adding)
{
	int fd;

	remove_index_draft(&adding->maildir);
	fd = openat(adding->maildir.root, index_draft,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	adding->has_index = fd != -1;
	adding->draft.fd = fd;
	return fd != -1 ? fd : log_errno("make %s", index_draft);
}

static int
open_entry(void *arg, const struct backup_entry *entry)
{
	struct adding *adding = arg;
	bool in_new;

	if (strncmp(entry->path, "mail/", 5) != 0 ||
	    !restore_is_wanted(adding->choice, entry->path))
		return BACKUP_SKIP;
	free(adding->place.folder);
	adding->place = find_place(entry->path);
	if (adding->place.kind == PLACE_OTHER)
		return BACKUP_SKIP;
	if (open_folder(adding, adding->place.folder) == -1)
		return -1;
	if (adding->place.kind == PLACE_INDEX)
		return open_index(adding);
	if (name_set_find(&adding->known, adding->place.name, &in_new) !=
	    NULL) {
		adding->there++;
		return BACKUP_SKIP;
	}
	return maildir_draft(&adding->maildir, &adding->draft) == -1
	    ? -1
	    : adding->draft.fd;
}

static int
close_entry(void *arg, const struct backup_entry *entry, bool good)
{
	struct adding *adding = arg;
	bool in_new = adding->place.kind == PLACE_NEW;
	struct timespec times[2] = { { .tv_nsec = UTIME_OMIT },
		{ .tv_sec = entry->mtime } };

	if (adding->place.kind == PLACE_INDEX) {
		close(adding->draft.fd);
		return 0;
	}
	if (!good || futimens(adding->draft.fd, times) == -1) {
		maildir_abandon(&adding->maildir, &adding->draft);
		return -1;
	}
	if (maildir_commit_as(&adding->maildir, &adding->draft, in_new,
		adding->place.name) == -1)
		return -1;
	name_set_add(&adding->known, in_new, adding->place.name);
	adding->added++;
	return 0;
}

int
restore_mail(int fd, const struct backup_contents *contents, char **addresses)
{
	struct restore_choice choice;
	struct adding adding = { .choice = &choice };
	const struct backup_taker taker = { &adding, open_entry, close_entry };
	int status = restore_choose(contents, addresses, &choice);

	if (status == EX_OK) {
		admin_enter();
		adding.directory = directory_open(false);
		if (adding.directory == NULL ||
		    backup_extract(fd, contents, &taker) == -1)
			status = EX_IOERR;
		close_folder(&adding);
		free(adding.place.folder);
		directory_close(adding.directory);
		printf("%s\trestored\t%lld messages, %lld were there already\n",
		    log_safe(admin_dir()), (long long)adding.added,
		    (long long)adding.there);
	}
	restore_choice_clear(&choice);
	return status;
}
