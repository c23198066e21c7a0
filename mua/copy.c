/*
 * copy.c - bytes from one file into another, of any size.
 */
#include "mua/copy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK = 65536 };

/* Appends HEADER and the rest of FROM to TO.  0, or -1 with errno. */
static int
pour(int to, const struct buf *header, int from)
{
	char *block = xmalloc(BLOCK);
	int rc = write_all(to, header->data, header->size);
	ssize_t n = 0;

	while (rc == 0 && (n = read(from, block, BLOCK)) > 0)
		rc = write_all(to, block, (size_t)n);
	free(block);
	return n == -1 ? -1 : rc;
}

int
copy_into_maildir(const struct maildir *box, const struct buf *header, int fd,
    char *name_out)
{
	struct maildir_draft draft;
	struct stat st;
	int saved;

	if (maildir_draft(box, &draft) == -1)
		return -1;
	if (pour(draft.fd, header, fd) == -1 || fstat(draft.fd, &st) == -1) {
		saved = errno;
		maildir_abandon(box, &draft);
		errno = saved;
		return -1;
	}
	return maildir_commit(box, &draft, st.st_size,
	    maildir_wire_size(draft.fd), name_out);
}

int
copy_aside(const struct maildir *box, const struct buf *header, int fd)
{
	int to = openat(box->tmp, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	int saved;

	if (to == -1)
		return -1;
	if (pour(to, header, fd) == 0 && lseek(to, 0, SEEK_SET) == 0)
		return to;
	saved = errno;
	close(to);
	errno = saved;
	return -1;
}

int
copy_scratch(void)
{
	const char *folder = getenv("TMPDIR");
	int fd = open(folder == NULL || *folder == '\0' ? "/tmp" : folder,
	    O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	return fd != -1 ? fd : memfd_create("scratch", MFD_CLOEXEC);
}
