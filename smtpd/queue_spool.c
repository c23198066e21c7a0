/*
 * queue_spool.c - files on their way into the queue.
 *
 * They have no name (O_TMPFILE), so that a crash leaves nothing behind and no
 * worker can open another's.  Some file systems do not know such files
 * (overlayfs before Linux 6.10, NFS): there they have one in
 * queue/incoming/spool, of random digits; workers cannot remove it, the manager
 * does.
 */
#include "smtpd/queue.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/log.h"

enum { FLAGS = O_RDWR | O_APPEND | O_CLOEXEC };

static int
make_named(int incoming)
{
	char id[QUEUE_ID_SIZE];
	char path[sizeof("spool/") + QUEUE_ID_SIZE];

	queue_new_id(id);
	(void)snprintf(path, sizeof(path), "spool/%s", id);
	return openat(incoming, path, FLAGS | O_CREAT | O_EXCL, 0600);
}

int
queue_spool_file(int incoming)
{
	int fd = openat(incoming, "spool", FLAGS | O_TMPFILE, 0600);

	if (fd == -1 && (errno == EOPNOTSUPP || errno == EISDIR))
		fd = make_named(incoming);
	return fd == -1 ? log_errno("make a file in queue/incoming/spool") : fd;
}

/* queue/incoming/spool to be read, or NULL (logged). */
static DIR *
open_spool(int queue)
{
	int fd = openat(queue, QUEUE_INCOMING "/spool",
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd == -1 ? NULL : fdopendir(fd);

	if (dir != NULL)
		return dir;
	log_errno("open queue/incoming/spool");
	if (fd != -1)
		close(fd);
	return NULL;
}

/* Removes every name in the spool that IS_OVER is true of. */
static void
remove_names(int queue, bool (*is_over)(const void *arg, const struct stat *st),
    const void *arg)
{
	DIR *dir = open_spool(queue);
	const struct dirent *found;
	struct stat st;

	if (dir == NULL)
		return;
	while ((found = readdir(dir)) != NULL)
		if (queue_is_id(found->d_name) &&
		    fstatat(dirfd(dir), found->d_name, &st,
			AT_SYMLINK_NOFOLLOW) == 0 &&
		    is_over(arg, &st))
			(void)unlinkat(dirfd(dir), found->d_name, 0);
	closedir(dir);
}

static bool
is_older(const void *arg, const struct stat *st)
{
	const int *seconds = arg;

	return st->st_ctime + *seconds < time(NULL);
}

void
queue_spool_clean(int queue, int seconds)
{
	remove_names(queue, is_older, &seconds);
}

static bool
is_inode(const void *arg, const struct stat *st)
{
	const ino_t *inode = arg;

	return st->st_ino == *inode;
}

void
queue_spool_forget(int queue, ino_t inode)
{
	remove_names(queue, is_inode, &inode);
}
