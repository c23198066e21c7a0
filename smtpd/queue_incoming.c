/*
 * queue_incoming.c - from incoming/ into the queue: the manager's part.
 *
 * Session workers can link files into incoming/ and do nothing else there, and
 * have no right at all in queue/.  What a worker that was taken over could try
 * is to link somebody else's message a second time, under an envelope of its
 * own.  It cannot list the folder and cannot guess an id; and if it could, the
 * message would have two names here.  That is looked at when no more names can
 * be made, after the message was moved and before its envelope is, and such a
 * message never becomes complete.
 *
 * Killed between the two moves: the envelope is still in incoming/, so the next
 * scan goes on from there.  Only the manager moves, so to look first and move
 * then is no race.
 */
#include "smtpd/queue.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/log.h"

enum { PATH_SIZE = sizeof(QUEUE_INCOMING) + QUEUE_NAME_SIZE };

static int
refuse(const char *path, const char *why)
{
	log_event(LOG_ERROR, "refused-file", "file=queue/%s what=\"%s\"", path,
	    why);
	return -1;
}

/* Whether PATH is a file of ours that has this one name. */
static int
check_file(int queue, const char *path)
{
	struct stat st;

	if (fstatat(queue, path, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return errno == ENOENT ? -1 : log_errno("stat queue/%s", path);
	/* One more name where files cannot be born without (queue_spool.c). */
	if (st.st_nlink > 1) {
		queue_spool_forget(queue, st.st_ino);
		if (fstatat(queue, path, &st, AT_SYMLINK_NOFOLLOW) == -1)
			return log_errno("stat queue/%s", path);
	}
	if (!S_ISREG(st.st_mode) || st.st_uid != geteuid())
		return refuse(path, "no file of ours; left alone");
	if (st.st_nlink != 1)
		return refuse(path, "it has several names; left alone");
	return 0;
}

/* Moves NAME out of incoming/.  0, also when that was done before. */
static int
move_in(int queue, const char *name)
{
	char from[PATH_SIZE];
	struct stat st;
	bool is_there = fstatat(queue, name, &st, AT_SYMLINK_NOFOLLOW) == 0;

	(void)snprintf(from, sizeof(from), QUEUE_INCOMING "/%s", name);
	if (is_there && faccessat(queue, from, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return refuse(from, "the queue has that name; left alone");
	if (is_there)
		return 0;
	if (renameat(queue, from, queue, name) == -1)
		return log_errno("move queue/%s", from);
	return 0;
}

int
queue_take_in(int queue, const char *id)
{
	char message[QUEUE_NAME_SIZE];
	char envelope[QUEUE_NAME_SIZE];
	char path[PATH_SIZE];

	queue_file_name(id, ".msg", message);
	queue_file_name(id, ".env", envelope);
	(void)snprintf(path, sizeof(path), QUEUE_INCOMING "/%s", envelope);
	if (check_file(queue, path) == -1)
		return -1;
	if (move_in(queue, message) == -1 || check_file(queue, message) == -1)
		return -1;
	return move_in(queue, envelope);
}

int
queue_own(int queue)
{
	int fd =
	    openat(queue, "manager.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	int saved;

	if (fd == -1)
		return log_errno("open queue/manager.lock");
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	saved = errno;
	if (saved != EWOULDBLOCK)
		log_errno("lock queue/manager.lock");
	close(fd);
	errno = saved;
	return -1;
}

struct taking {
	int queue;
};

static int
take_one(void *arg, const char *id)
{
	const struct taking *taking = arg;

	(void)queue_take_in(taking->queue, id);
	return 0;
}

void
queue_take_all(int queue)
{
	struct taking taking = { .queue = queue };

	(void)queue_scan_incoming(queue, take_one, &taking);
}
