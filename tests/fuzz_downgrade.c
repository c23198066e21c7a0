/*
 * fuzz_downgrade.c - any message, in 7 bits: what comes out has no byte above
 * 127, and can be converted again without any change.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/buf.h"
#include "smtpd/downgrade.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
add(void *arg, const char *data, size_t size)
{
	buf_add(arg, data, size);
	return 0;
}

static struct reply
convert(const void *data, size_t size, struct buf *to)
{
	int fd = memfd_create("message", MFD_CLOEXEC);
	struct reply r;

	if (fd == -1 || write_all(fd, data, size) == -1)
		abort();
	r = downgrade(fd, add, to);
	close(fd);
	return r;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf once = BUF_INIT;
	struct buf twice = BUF_INIT;
	struct reply r = convert(data, size, &once);

	if (reply_is_ok(&r)) {
		for (size_t i = 0; i < once.size; i++)
			if ((once.data[i] & 0x80) != 0)
				abort();
		r = convert(once.data, once.size, &twice);
		if (!reply_is_ok(&r) || once.size != twice.size ||
		    memcmp(once.data, twice.data, once.size) != 0)
			abort();
	}
	buf_clear(&once);
	buf_clear(&twice);
	return 0;
}
