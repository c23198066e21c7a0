/*
 * spool.c - memory first, then an unnamed file.
 *
 * The hand-over wants a descriptor.  A message in memory becomes a memory file
 * (memfd_create), which costs microseconds; an unnamed file on the disk would
 * put every small message through the journal of the file system, and wait
 * there for the flushes of others.
 */
#include "smtpd/spool.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/log.h"

void
mail_spool_init(struct mail_spool *spool, int queue)
{
	*spool = (struct mail_spool){
		.queue = queue,
		.memory = BUF_INIT,
		.fd = -1,
	};
}

/* Writes what is in memory to FD, which becomes the spool's. */
static int
move_out(struct mail_spool *spool, int fd, const char *what)
{
	if (fd == -1)
		return log_errno("make %s", what);
	spool->fd = fd;
	if (write_all(fd, spool->memory.data, spool->memory.size) == -1)
		return log_errno("write to %s", what);
	buf_clear(&spool->memory);
	return 0;
}

int
mail_spool_add(void *arg, const char *data, size_t size)
{
	struct mail_spool *spool = arg;

	spool->size += (int64_t)size;
	if (spool->fd == -1 && spool->size <= MAIL_SPOOL_MEMORY) {
		buf_add(&spool->memory, data, size);
		return 0;
	}
	if (spool->fd == -1 &&
	    move_out(spool,
		openat(spool->queue, "spool", O_TMPFILE | O_RDWR | O_CLOEXEC,
		    0600),
		"a file in queue/spool") == -1)
		return -1;
	if (write_all(spool->fd, data, size) == -1)
		return log_errno("write to a file in queue/spool");
	return 0;
}

int
mail_spool_fd(struct mail_spool *spool)
{
	if (spool->fd == -1 &&
	    move_out(spool, memfd_create("message", MFD_CLOEXEC),
		"a memory file") == -1)
		return -1;
	return spool->fd;
}

void
mail_spool_clear(struct mail_spool *spool)
{
	if (spool->fd != -1)
		close(spool->fd);
	buf_clear(&spool->memory);
	mail_spool_init(spool, spool->queue);
}
