/*
 * unfinished.c - the file of a letter that is being written.
 *
 * What becomes of one that a killed writer has left is in unfinished_recover.c.
 */
#include "mua/unfinished.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "common/log.h"
#include "maildir/maildir.h"
#include "mua/letter.h"
#include "mua/unfinished_private.h"

enum {
	KEYS = 100,
	INTERVAL_MS = 3000,
	SHARE = 20,       /* of the time at most one part for saving */
	FAILED_MS = 3000, /* what a save counts for that did not work */
};

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
	uint64_t noise;
	struct unfinished *unfinished = xcalloc(1, sizeof(*unfinished));

	unfinished->drafts = xstrdup(drafts);
	/*
	 * Another machine may write into the same folder, and mail that says it
	 * was made of this file (unfinished_recover.c) may come from anybody.
	 */
	if (getrandom(&noise, sizeof(noise), 0) != sizeof(noise))
		panic("no random bytes");
	unfinished->name = xasprintf(UNFINISHED_PREFIX "%lld-%d-%u-%016" PRIx64,
	    (long long)time(NULL), (int)getpid(), count++, noise);
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

bool
unfinished_lock(int fd)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	return fcntl(fd, F_SETLK, &whole) == 0;
}

/* Writes DRAFT as NAME in the folder ROOT.  Its descriptor, or -1. */
static int
write_file(int root, const char *name, const struct draft *draft)
{
	char *path = xasprintf("%s" UNFINISHED_FRESH, name);
	int fd = openat(root, path,
	    O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	char why[200];

	/* The commit point is the rename: what has the name is whole. */
	if (fd != -1 &&
	    (!unfinished_lock(fd) ||
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
	draft_replace(&draft->unfinished, unfinished->name);
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
