/*
 * spool.c - memory first, then an unnamed file.
 *
 * The hand-over wants a descriptor.  A message in memory becomes a memory file
 * (memfd_create), which costs microseconds; an unnamed file on the disk would
 * put every small message through the journal of the file system, and wait
 * there for the flushes of others.
 */
#include "smtpd/spool.h"

#include <string.h>
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

/* Behind what is in TO. */
static int
copy(int from, int to)
{
	char data[16384];
	off_t at = 0;
	ssize_t n;

	while ((n = pread(from, data, sizeof(data), at)) > 0) {
		if (write_all(to, data, (size_t)n) == -1)
			return log_errno("write to the spool");
		at += n;
	}
	return n == 0 ? 0 : log_errno("read the spool");
}

/* A file can only grow at its end, so all of it is written once more. */
int
mail_spool_prepend(struct mail_spool *spool, const char *text)
{
	int old = mail_spool_fd(spool);
	int64_t size = spool->size;
	int rc = -1;

	if (old == -1)
		return -1;
	spool->fd = -1;
	spool->size = 0;
	if (mail_spool_add(spool, text, strlen(text)) == 0 &&
	    (size <= MAIL_SPOOL_MEMORY ? mail_spool_fd(spool)
				       : move_to_disk(spool)) != -1)
		rc = copy(old, spool->fd);
	spool->size += size;
	close(old);
	return rc;
}

void
mail_spool_clear(struct mail_spool *spool)
{
	if (spool->fd != -1)
		close(spool->fd);
	buf_clear(&spool->memory);
	mail_spool_init(spool, spool->incoming);
}
