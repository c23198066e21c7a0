/*
 * spool.c - memory first, then an unnamed file.
 *
 * The hand-over wants a descriptor.  A message in memory becomes a memory file
 * (memfd_create), which costs microseconds; an unnamed file on the disk would
 * put every small message through the journal of the file system, and wait
 * there for the flushes of others.
 */
#include "smtpd/spool.h"

#include <sys/mman.h>
#include <unistd.h>

#include "common/log.h"
#include "smtpd/queue.h"

void
mail_spool_init(struct mail_spool *spool, int incoming)
{
	*spool = (struct mail_spool){
		.incoming = incoming,
		.memory = BUF_INIT,
		.fd = -1,
	};
}

/* FD becomes the spool's, with what was in memory.  0, or -1 (logged). */
static int
move_to(struct mail_spool *spool, int fd)
{
	spool->fd = fd;
	if (write_all(fd, spool->memory.data, spool->memory.size) == -1)
		return log_errno("write to the spool");
	buf_clear(&spool->memory);
	return 0;
}

static int
move_to_disk(struct mail_spool *spool)
{
	int fd = queue_spool_file(spool->incoming);

	return fd == -1 ? -1 : move_to(spool, fd);
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
	if (spool->fd == -1 && move_to_disk(spool) == -1)
		return -1;
	if (write_all(spool->fd, data, size) == -1)
		return log_errno("write to the spool");
	return 0;
}

int
mail_spool_fd(struct mail_spool *spool)
{
	int fd;

	if (spool->fd != -1)
		return spool->fd;
	fd = memfd_create("message", MFD_CLOEXEC);
	if (fd == -1)
		return log_errno("make a memory file");
	return move_to(spool, fd) == -1 ? -1 : fd;
}

void
mail_spool_clear(struct mail_spool *spool)
{
	if (spool->fd != -1)
		close(spool->fd);
	buf_clear(&spool->memory);
	mail_spool_init(spool, spool->incoming);
}
