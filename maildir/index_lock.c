/*
 * index_lock.c - who may make, replace or write index.sqlite now.
 *
 * By tries with short pauses at random, and not by waiting in the kernel: one
 * who was stopped with the lock must not stop us.  SQLite's own way of trying
 * soon sleeps for 100 ms at a time, and each try is a dozen system calls; with
 * 100 processes that deliver into one mailbox it let 700 messages a second
 * through, and some waited for more than a second.  With the lock of cur/ tried
 * first it is 2,700, and nobody waits long (measured).
 */
#include "maildir/index_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <time.h>
#include <unistd.h>

#include "common/log.h"

enum {
	TRIES = 1000,
	PAUSE = 500,       /* microseconds, and ... */
	PAUSE_MORE = 1000, /* ... up to so many more */
	/* On a machine so busy that a pause takes several milliseconds. */
	SECONDS_MAX = 2,
};

static bool
is_long_ago(const struct timespec *since)
{
	struct timespec now;
	time_t seconds;

	clock_gettime(CLOCK_MONOTONIC, &now);
	seconds = now.tv_sec - since->tv_sec;
	return seconds > SECONDS_MAX ||
	    (seconds == SECONDS_MAX && now.tv_nsec >= since->tv_nsec);
}

bool
index_lock_pause(int tries)
{
	static struct timespec since; /* the first try; there are no threads */
	struct timespec pause = { 0 };
	unsigned char random;

	if (tries == 0)
		clock_gettime(CLOCK_MONOTONIC, &since);
	if (tries >= TRIES || is_long_ago(&since))
		return false;
	sqlite3_randomness(sizeof(random), &random);
	pause.tv_nsec = 1000L * (PAUSE + PAUSE_MORE * random / UCHAR_MAX);
	nanosleep(&pause, NULL);
	return true;
}

int
index_lock_open(int root, const char *folder)
{
	int lock = openat(root, folder,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return lock != -1 ? lock : log_errno("open %s/ to lock it", folder);
}

int
index_lock_take(int lock, int operation)
{
	int tries = 0;

	do {
		if (flock(lock, operation | LOCK_NB) == 0)
			return 0;
		if (errno != EWOULDBLOCK && errno != EINTR)
			break;
	} while (index_lock_pause(tries++));
	return log_errno("lock the index");
}

void
index_lock_release(int lock)
{
	if (lock != -1)
		flock(lock, LOCK_UN);
}
