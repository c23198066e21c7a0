/*
 * index_aside.c - taking index.sqlite away from under nobody.
 *
 * A journal left beside a new index.sqlite would be played into it, so it goes
 * first; and nobody may open the old file meanwhile, hence the lock.  Who has
 * it open already goes on with the renamed file and does no harm.
 */
#include "maildir/index_aside.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "common/log.h"

enum { LOCK_TRIES = 200, LOCK_PAUSE_MS = 5 };

const char *
index_where(int root)
{
	char link[64];
	char path[PATH_MAX];

	snprintf(link, sizeof(link), "/proc/self/fd/%d", root);

	ssize_t n = readlink(link, path, sizeof(path));

	return log_safe_bytes(path, n == -1 ? 0 : (size_t)n);
}

int
index_relock(int lock, int operation)
{
	const struct timespec pause = { .tv_nsec = LOCK_PAUSE_MS * 1000000 };

	/* By tries: one who was stopped with the lock must not stop us. */
	for (int i = 0; i < LOCK_TRIES; i++) {
		if (flock(lock, operation | LOCK_NB) == 0)
			return 0;
		if (errno != EWOULDBLOCK && errno != EINTR)
			break;
		nanosleep(&pause, NULL);
	}
	return log_errno("lock the index");
}

int
index_lock(int root, int operation)
{
	int lock = openat(root, "tmp",
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (lock == -1)
		return log_errno("open tmp/ of %s", index_where(root));
	if (index_relock(lock, operation) == 0)
		return lock;
	close(lock);
	return -1;
}

static int
move_aside(int root, const char *from, const char *to)
{
	if (renameat(root, from, root, to) == 0 || errno == ENOENT)
		return 0;
	/* An earlier one of another kind is in the way. */
	if (unlinkat(root, to, 0) == 0 || unlinkat(root, to, AT_REMOVEDIR) == 0)
		if (renameat(root, from, root, to) == 0)
			return 0;
	return log_errno("set aside %s of %s", from, index_where(root));
}

int
index_set_aside(int root)
{
	static const char *const files[] = { "-journal", "-wal", "-shm", "" };

	for (size_t i = 0; i < COUNT(files); i++) {
		char from[64];
		char to[64];

		snprintf(from, sizeof(from), INDEX_FILE "%s", files[i]);
		snprintf(to, sizeof(to), INDEX_FILE ".bad%s", files[i]);
		if (move_aside(root, from, to) == -1)
			return -1;
	}
	log_event(LOG_WARN, "index-set-aside", "maildir=%s file=%s",
	    index_where(root), INDEX_FILE ".bad");
	return 0;
}
