/*
 * queue_spool.c - files on their way into the queue.
 *
 * They have no name (O_TMPFILE), so that a crash leaves nothing behind and no
 * worker can open another's.  Some file systems do not know such files
 * (overlayfs before Linux 6.10, NFS): there they have one in queue/spool, of
 * random digits; workers cannot remove it, the manager does.
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
make_named(int queue)
{
	char id[QUEUE_ID_SIZE];
	char path[sizeof("spool/") + QUEUE_ID_SIZE];

	queue_new_id(id);
	(void)snprintf(path, sizeof(path), "spool/%s", id);
	return openat(queue, path, FLAGS | O_CREAT | O_EXCL, 0600);
}

int
queue_spool_file(int queue)
{
	int fd = openat(queue, "spool", FLAGS | O_TMPFILE, 0600);

	if (fd == -1 && (errno == EOPNOTSUPP || errno == EISDIR))
		fd = make_named(queue);
	return fd == -1 ? log_errno("make a file in queue/spool") : fd;
}

void
queue_spool_clean(int queue, int seconds)
{
	int fd = openat(queue, "spool", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd == -1 ? NULL : fdopendir(fd);
	const struct dirent *found;
	struct stat st;

	if (dir == NULL) {
		log_errno("open queue/spool");
		if (fd != -1)
			close(fd);
		return;
	}
	while ((found = readdir(dir)) != NULL)
		if (queue_is_id(found->d_name) &&
		    fstatat(fd, found->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    st.st_ctime + seconds < time(NULL))
			(void)unlinkat(fd, found->d_name, 0);
	closedir(dir);
}
