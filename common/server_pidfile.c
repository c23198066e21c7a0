/*
 * server_pidfile.c - run/PROGRAM.pid and its lock.
 *
 * A lock of fcntl() and not of flock(): children do not inherit it, and it can
 * be asked for (F_GETLK) without being taken, so looking never keeps a master
 * from starting.  The file is emptied at the end and never removed, since a
 * lock on a removed file would keep nobody out.
 */
#include "common/server_pidfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/log.h"

enum { PATH_SIZE = 64, NUMBER_SIZE = 24 };

static int
open_pidfile(const char *program, int flags)
{
	char path[PATH_SIZE];
	int n = snprintf(path, sizeof(path), "run/%s.pid", program);

	if (n < 0 || (size_t)n >= sizeof(path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return open(path, flags | O_CLOEXEC | O_NOFOLLOW, 0644);
}

/*
 * The kernel knows who has the lock; 0 for nobody.  The number in the file is
 * for people: a moment after the start it is not there yet, and root must not
 * stop whatever process somebody has written there.
 */
static pid_t
lock_holder(int fd)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	if (fcntl(fd, F_GETLK, &whole) == -1 || whole.l_type == F_UNLCK)
		return 0;
	return whole.l_pid > 0 ? whole.l_pid : 0;
}

static int
write_number(int fd)
{
	char text[NUMBER_SIZE];
	int n = snprintf(text, sizeof(text), "%d\n", (int)getpid());

	if (ftruncate(fd, 0) == -1)
		return -1;
	return write_all(fd, text, (size_t)n);
}

int
pidfile_lock(const char *program, uid_t uid, gid_t gid)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd = open_pidfile(program, O_RDWR | O_CREAT);

	if (fd == -1)
		return log_errno("open run/%s.pid", program);
	if (fcntl(fd, F_SETLK, &whole) == -1) {
		bool running = errno == EAGAIN || errno == EACCES;

		if (running)
			log_failure("%s runs here already, process %d", program,
			    (int)lock_holder(fd));
		else
			log_errno("lock run/%s.pid", program);
		close(fd);
		errno = running ? EWOULDBLOCK : EIO;
		return -1;
	}
	if (geteuid() == 0 && fchown(fd, uid, gid) == -1) {
		log_errno("chown run/%s.pid", program);
		close(fd);
		errno = EIO;
		return -1;
	}
	/* The lock is ours; on a full disk mail can be fetched all the same. */
	if (write_number(fd) == -1)
		log_event(LOG_WARN, "no-pid-written", "file=run/%s.pid why=%s",
		    program, log_safe(strerror(errno)));
	return fd;
}

void
pidfile_release(int fd)
{
	if (ftruncate(fd, 0) == -1)
		log_errno("empty the pid file");
	close(fd);
}

pid_t
pidfile_read(const char *program)
{
	int fd = open_pidfile(program, O_RDONLY);
	pid_t pid;

	if (fd == -1)
		return 0;
	pid = lock_holder(fd);
	close(fd);
	return pid;
}
