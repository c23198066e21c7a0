/* check_mail.c - the raw messages of tests/mail. */
#include "tests/check_mail.h"

#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/buf.h"

static int folder = -1;

void
mail_find(void)
{
	if (folder == -1)
		folder = open("tests/mail", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

int
mail_open(const char *name)
{
	char *file = xasprintf("%s.eml", name);
	int fd = openat(folder, file, O_RDONLY | O_CLOEXEC);

	ck_assert_msg(fd != -1, "tests/mail/%s is not there", file);
	free(file);
	return fd;
}

int
mail_make(const char *data, size_t size)
{
	int fd = memfd_create("mail", MFD_CLOEXEC);

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(write_all(fd, data, size), 0);
	return fd;
}
