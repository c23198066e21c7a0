/*
 * unfinished.c - the file of a letter that is being written.
 */
#include "mua/unfinished.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
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
#include "mua/letter.h"

enum {
	KEYS = 100,
	INTERVAL_MS = 3000,
	SHARE = 20,       /* of the time at most one part for saving */
	FAILED_MS = 3000, /* what a save counts for that did not work */
	STALE_SECONDS = 3600,
	HEADER_MAX = 1 << 20,
};

static const char prefix[] = "mua-unfinished-";
static const char fresh[] = ".new";

struct unfinished {
	char *drafts;
	char *name;   /* of the file */
	int fd;       /* of what it is now, locked; -1: there is none */
	int keys;     /* typed since it was saved */
	int64_t last; /* when it was saved, or begun; milliseconds */
	int64_t cost; /* of saving */
};

static int64_t
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

struct unfinished *
unfinished_new(const char *drafts)
{
	static unsigned count;
	struct unfinished *unfinished = xcalloc(1, sizeof(*unfinished));

	unfinished->drafts = xstrdup(drafts);
	/* Another machine may write into the same folder. */
	unfinished->name = xasprintf("%s%lld-%d-%u", prefix,
	    (long long)time(NULL), (int)getpid(), count++);
	unfinished->fd = -1;
	unfinished->last = now();
	return unfinished;
}

bool
unfinished_is_due(struct unfinished *unfinished, bool typed, bool idle)
{
	int64_t interval = SHARE * unfinished->cost;
	int64_t passed = now() - unfinished->last;

	unfinished->keys += typed;
	if (unfinished->keys == 0)
		return false;
	if (interval > INTERVAL_MS)
		return passed >= interval;
	return idle || unfinished->keys >= KEYS || passed >= INTERVAL_MS;
}

bool
unfinished_is_waiting(const struct unfinished *unfinished)
{
	return unfinished->keys > 0;
}

/* Gives FD to this process alone; false when another has it. */
static bool
lock(int fd)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	return fcntl(fd, F_SETLK, &whole) == 0;
}

/* Writes DRAFT as NAME in the folder ROOT.  Its descriptor, or -1. */
static int
write_file(int root, const char *name, const struct draft *draft)
{
	char *path = xasprintf("%s%s", name, fresh);
	int fd = openat(root, path,
	    O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	char why[200];

	/* The commit point is the rename: what has the name is whole. */
	if (fd != -1 &&
	    (!lock(fd) ||
		letter_write(draft, LETTER_UNFINISHED, fd, why, sizeof(why)) ==
		    -1 ||
		fsync(fd) == -1 || renameat(root, path, root, name) == -1 ||
		fsync(root) == -1)) {
		(void)unlinkat(root, path, 0);
		close(fd);
		fd = -1;
	}
	free(path);
	return fd;
}

int
unfinished_save(struct unfinished *unfinished, struct draft *draft,
    const struct buf *text)
{
	int64_t begun = now();
	struct buf own = draft->text;
	struct maildir box;
	int fd = -1;
	int saved;

	if (maildir_open(AT_FDCWD, unfinished->drafts, true, &box) == 0) {
		draft->text = *text;
		fd = write_file(box.root, unfinished->name, draft);
		draft->text = own;
		saved = errno;
		maildir_close(&box);
		errno = saved;
	}
	unfinished->last = now();
	unfinished->cost = unfinished->last - begun;
	if (fd == -1) {
		unfinished->cost = FAILED_MS;
		return -1;
	}
	if (unfinished->fd != -1)
		close(unfinished->fd);
	unfinished->fd = fd;
	unfinished->keys = 0;
	return 0;
}

void
unfinished_end(struct unfinished *unfinished, bool keep)
{
	struct maildir box;

	if (unfinished == NULL)
		return;
	if (unfinished->fd != -1 && !keep &&
	    maildir_open(AT_FDCWD, unfinished->drafts, false, &box) == 0) {
		(void)unlinkat(box.root, unfinished->name, 0);
		maildir_close(&box);
	}
	if (unfinished->fd != -1)
		close(unfinished->fd);
	free(unfinished->drafts);
	free(unfinished->name);
	free(unfinished);
}

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

/*
 * Removes the draft that was written on in FD.  That goes first: what replaces
 * it is on disk, and will be found again should this be where we are killed.
 */
static void
remove_replaced(const struct maildir *box, int fd)
{
	struct buf text = BUF_INIT;
	struct header_end end;
	char *name;

	(void)buf_read(&text, fd, HEADER_MAX);
	end = header_find_end(text.data, text.size);
	name = draft_header_replaced(text.data, end.size);
	if (name != NULL)
		(void)maildir_remove(box, false, name);
	free(name);
	buf_clear(&text);
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
	if (lock(fd) && is_still(box->root, name, fd, &changed)) {
		if (!ends_with(name, fresh)) {
			remove_replaced(box, fd);
			done = adopt(box, name, fd, name_out);
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
		if (strncmp(entry->d_name, prefix, sizeof(prefix) - 1) == 0)
			count += recover(&box, entry->d_name, name_out);
	if (folder != NULL)
		closedir(folder);
	maildir_close(&box);
	return count;
}
