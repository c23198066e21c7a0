/*
 * parcel.c - memory first, then an unnamed file.
 *
 * The file has no name from the start (O_TMPFILE), or loses it at once where
 * the file system knows no such files (NFS).  It is never synced: what must
 * survive is the copy in the mailbox.
 */
#include "mda/parcel.h"

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
parcel_add(void *arg, const char *data, size_t size)
{
	struct parcel *parcel = arg;

	if (parcel->tail == -1 && parcel->head.size + size <= PARCEL_MEMORY) {
		buf_add(&parcel->head, data, size);
		return 0;
	}
	if (parcel->tail == -1)
		parcel->tail = open_unnamed();
	if (parcel->tail == -1)
		return log_errno("open a spool file in %s", mail_root);
	if (write_all(parcel->tail, data, size) == -1)
		return log_errno("write the spool file in %s", mail_root);
	parcel->tail_size += (int64_t)size;
	return 0;
}

int
parcel_copy_tail(const struct parcel *parcel, int fd)
{
	static char piece[COPY_SIZE];
	int64_t done = 0;

	while (done < parcel->tail_size) {
		ssize_t n = pread(parcel->tail, piece, sizeof(piece), done);

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
parcel_reset(struct parcel *parcel)
{
	if (parcel->tail != -1)
		close(parcel->tail);
	parcel->tail = -1;
	parcel->tail_size = 0;
	if (parcel->head.room > KEPT_MEMORY)
		buf_clear(&parcel->head);
	else
		buf_reset(&parcel->head);
}

void
parcel_clear(struct parcel *parcel)
{
	parcel_reset(parcel);
	buf_clear(&parcel->head);
}
