/*
 * unfinished_recover.c - what killed writers have left becomes drafts.
 *
 * Somebody may be killed between any two steps, here as well: a draft that was
 * saved names the file that it was while it was written, and the file names the
 * draft that it replaces, so of each letter one is left.
 */
#include "mua/unfinished.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "maildir/header.h"
#include "maildir/maildir.h"
#include "maildir/maildir_name.h"
#include "mua/draft_header.h"
#include "mua/unfinished_private.h"

enum { STALE_SECONDS = 3600, HEADER_MAX = 1 << 20 };

static bool
ends_with(const char *name, const char *end)
{
	size_t size = strlen(name);
	size_t end_size = strlen(end);

	return size >= end_size && strcmp(name + size - end_size, end) == 0;
}

/* Whether FD, which was opened as NAME, still is what has that name. */
static bool
is_still(int root, const char *name, int fd, time_t *changed_out)
{
	struct stat opened;
	struct stat named;

	if (fstat(fd, &opened) == -1 ||
	    fstatat(root, name, &named, AT_SYMLINK_NOFOLLOW) == -1)
		return false;
	*changed_out = opened.st_mtime;
	return S_ISREG(opened.st_mode) && opened.st_ino == named.st_ino &&
	    opened.st_dev == named.st_dev;
}

/* What FIELD names in the header of the message in FD; NULL. */
static char *
read_name(int fd, const char *field)
{
	struct buf text = BUF_INIT;
	struct header_end end;
	char *name;

	(void)buf_read(&text, fd, HEADER_MAX);
	end = header_find_end(text.data, text.size);
	name = draft_header_name(text.data, end.size, field);
	buf_clear(&text);
	return name;
}

/*
 * Removes the draft that was written on in FD.  That goes first: what replaces
 * it is on disk, and will be found again should this be where we are killed.
 */
static void
remove_replaced(const struct maildir *box, int fd)
{
	char *name = read_name(fd, DRAFT_HEADER_DRAFT);

	if (name != NULL)
		(void)maildir_remove(box, false, name);
	free(name);
}

struct search {
	const struct maildir *box;
	const char *name; /* of the file */
};

/* 1 when the draft NAME was saved by who wrote the file; ends the scan. */
static int
compare(void *arg, bool in_new, const char *name)
{
	const struct search *search = arg;
	int fd = maildir_open_message(search->box, in_new, name);
	char *origin;
	bool same;

	if (fd == -1)
		return 0;
	origin = read_name(fd, DRAFT_HEADER_UNFINISHED);
	same = origin != NULL && strcmp(origin, search->name) == 0;
	free(origin);
	close(fd);
	return same;
}

/*
 * Whether a draft was made of the file NAME, which is as old as that or older.
 * Limit: a draft that was saved in another account's folder is not found.
 */
static bool
was_saved(const struct maildir *box, const char *name)
{
	struct search search = { box, name };

	return maildir_scan(box, compare, &search) == 1;
}

/*
 * Makes the file NAME, which is FD, a message.  By a rename, which needs no
 * room and leaves it in one place at every moment.
 */
static bool
adopt(const struct maildir *box, const char *name, int fd, char *name_out)
{
	char unsized[MAILDIR_NAME_MAX + 1];
	struct stat st;

	if (fstat(fd, &st) == -1)
		return false;
	maildir_name_new(unsized);
	maildir_name_sized(unsized, st.st_size, maildir_wire_size(fd),
	    name_out);
	if (renameat(box->root, name, box->new, name_out) == -1)
		return false;
	(void)maildir_sync(box);
	(void)fsync(box->root);
	return true;
}

/* Makes a draft of the file NAME, which is FD, or sees that it is one. */
static bool
take_over(const struct maildir *box, const char *name, int fd, char *name_out)
{
	/* Written on after it was saved it replaces that: not a second one. */
	remove_replaced(box, fd);
	if (!was_saved(box, name))
		return adopt(box, name, fd, name_out);
	(void)maildir_sync(box);
	(void)unlinkat(box->root, name, 0);
	return false;
}

/* Makes a draft of the file NAME when nobody holds it.  Whether it did. */
static bool
recover(const struct maildir *box, const char *name, char *name_out)
{
	int fd = openat(box->root, name,
	    O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	time_t changed = 0;
	bool done = false;

	if (fd == -1)
		return false;
	if (unfinished_lock(fd) && is_still(box->root, name, fd, &changed)) {
		if (!ends_with(name, UNFINISHED_FRESH)) {
			done = take_over(box, name, fd, name_out);
		} else if (time(NULL) - changed > STALE_SECONDS) {
			/* Its writer died before he gave it the name. */
			(void)unlinkat(box->root, name, 0);
		}
	}
	close(fd);
	return done;
}

size_t
unfinished_recover(const char *drafts, char *name_out)
{
	const struct dirent *entry;
	struct maildir box;
	size_t count = 0;
	DIR *folder;

	/* Nobody has written yet: no reason to complain. */
	if (access(drafts, F_OK) == -1 ||
	    maildir_look(AT_FDCWD, drafts, &box) == -1)
		return 0;
	folder = opendir(drafts);
	while (folder != NULL && (entry = readdir(folder)) != NULL)
		if (strncmp(entry->d_name, UNFINISHED_PREFIX,
			sizeof(UNFINISHED_PREFIX) - 1) == 0)
			count += recover(&box, entry->d_name, name_out);
	if (folder != NULL)
		closedir(folder);
	maildir_close(&box);
	return count;
}
