/*
 * fuzz_mbox.c - any bytes as an mbox of each form, and as a message in one.
 *
 * A message must come back as it was; and a name that comes out of an mbox must
 * be one entry of a folder and no other.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/buf.h"
#include "maildir/maildir_name.h"
#include "maildir/mbox.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
keep(void *arg, const char *data, size_t size)
{
	buf_add(arg, data, size);
	return 0;
}

static void
check_message(const struct mbox_message *message)
{
	if (message->name[0] != '\0' && !maildir_name_is_plain(message->name))
		abort();
	if (strchr(message->folder, '/') != NULL ||
	    strcmp(message->folder, "..") == 0)
		abort();
	if (message->folder[0] != '\0' && message->folder[0] != '.')
		abort();
	if (message->date < 0)
		abort();
}

static void
read_as(enum mbox_form form, const char *data, size_t size)
{
	int fd = memfd_create("mbox", MFD_CLOEXEC);
	FILE *file = fdopen(fd, "w+");
	struct mbox *mbox = mbox_new(file, form);
	struct mbox_message message;
	struct buf bytes = BUF_INIT;
	size_t total = 0;

	if (write_all(fd, data, size) == -1 || lseek(fd, 0, SEEK_SET) != 0)
		abort();
	while (mbox_read(mbox, keep, &bytes, &message) == MBOX_MESSAGE) {
		check_message(&message);
		total += bytes.size;
		buf_reset(&bytes);
	}
	if (total > size)
		abort();
	buf_clear(&bytes);
	mbox_free(mbox);
	fclose(file);
}

static void
round_trip(const char *data, size_t size)
{
	static const struct mbox_message label = { 1795320797, "a@b", true, "S",
		"", "1.a.x:2,S" };
	FILE *file = fdopen(memfd_create("mbox", MFD_CLOEXEC), "w+");
	int fd = memfd_create("message", MFD_CLOEXEC);
	struct mbox *mbox = mbox_new(file, MBOX_RD);
	struct mbox_message message;
	struct buf bytes = BUF_INIT;

	if (write_all(fd, data, size) == -1 ||
	    mbox_write(file, fd, &label) == -1 ||
	    mbox_write(file, fd, &label) == -1)
		abort();
	rewind(file);
	for (int i = 0; i < 2; i++) {
		buf_reset(&bytes);
		if (mbox_read(mbox, keep, &bytes, &message) != MBOX_MESSAGE ||
		    bytes.size != size || memcmp(bytes.data, data, size) != 0 ||
		    strcmp(message.name, label.name) != 0)
			abort();
	}
	if (mbox_read(mbox, keep, &bytes, &message) != MBOX_END)
		abort();
	buf_clear(&bytes);
	mbox_free(mbox);
	fclose(file);
	close(fd);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;

	read_as(MBOX_RD, text, size);
	read_as(MBOX_O, text, size);
	read_as(MBOX_CL, text, size);
	round_trip(text, size);
	return 0;
}
