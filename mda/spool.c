/*
 * spool.c - memory first, then an unnamed file.
 *
 * The file has no name from the start (O_TMPFILE), or loses it at once where
 * the file system knows no such files (NFS).  It is never synced: what must
 * survive is the copy in the mailbox.
 */
#include "mda/spool.h"

#include "common/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static const char mail_root[] = "mail";

enum { KEPT_MEMORY = 32 * 1024, COPY_SIZE = 64 * 1024 };

static int
open_unnamed(void)
{
	char name[64];
	int fd = open(mail_root, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd != -1 || (errno != EOPNOTSUPP && errno != EISDIR))
		return fd;
	snprintf(name, sizeof(name), "%s/.spool.%ld", mail_root,
	    (long)getpid());
	fd = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd != -1)
		unlink(name);
	return fd;
}

int
spool_add(void *arg, const char *data, size_t size)
{
	struct spool *spool = arg;

	if (spool->tail == -1 && spool->head.size + size <= SPOOL_MEMORY) {
		buf_add(&spool->head, data, size);
		return 0;
	}
	if (spool->tail == -1)
		spool->tail = open_unnamed();
	if (spool->tail == -1)
		return log_errno("open a spool file in %s", mail_root);
	if (write_all(spool->tail, data, size) == -1)
		return log_errno("write the spool file in %s", mail_root);
	spool->tail_size += (int64_t)size;
	return 0;
}

int
spool_copy_tail(const struct spool *spool, int fd)
{
	static char piece[COPY_SIZE];
	int64_t done = 0;

	while (done < spool->tail_size) {
		ssize_t n = pread(spool->tail, piece, sizeof(piece), done);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return log_errno("read the spool file in %s",
			    mail_root);
		if (n == 0)
			return log_failure("the spool file was cut");
		if (write_all(fd, piece, (size_t)n) == -1)
			return log_errno("write a message");
		done += n;
	}
	return 0;
}

void
spool_reset(struct spool *spool)
{
	if (spool->tail != -1)
		close(spool->tail);
	spool->tail = -1;
	spool->tail_size = 0;
	if (spool->head.room > KEPT_MEMORY)
		buf_clear(&spool->head);
	else
		buf_reset(&spool->head);
}

void
spool_clear(struct spool *spool)
{
	spool_reset(spool);
	buf_clear(&spool->head);
}
