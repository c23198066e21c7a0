/* mbox_write.c - a message appended to an mbox. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "maildir/mbox_label.h"
#include "maildir/mbox_quote.h"

enum { PIECE = 65536 };

static int
put(void *arg, const char *data, size_t size)
{
	return fwrite(data, 1, size, arg) == size ? 0 : -1;
}

int
mbox_write(FILE *to, int fd, const struct mbox_message *message)
{
	struct mbox_quote quote = {
		.quoting = QUOTE_ADD,
		.sink = put,
		.arg = to,
	};
	char piece[PIECE];
	off_t at = 0;
	ssize_t n;

	mbox_label_write(to, message);
	while ((n = pread(fd, piece, sizeof(piece), at)) > 0) {
		if (mbox_quote_add(&quote, piece, (size_t)n) == -1)
			return -1;
		at += n;
	}
	if (n == -1 || mbox_quote_end(&quote) == -1)
		return -1;
	return fputc('\n', to) == EOF || ferror(to) ? -1 : 0;
}
