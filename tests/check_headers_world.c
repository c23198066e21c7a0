/*
 * check_headers_world.c - a message as it came in, for the tests of headers.h.
 */
#include "tests/check_headers_world.h"

#include "common/buf.h"

struct stamp headers_stamp = {
	.id = "3A3C1A823B6A00",
	.hostname = "it014.lab.example",
	.domain = "lab.example",
	.helo = "localhost",
	.peer = "127.0.0.1",
	.protocol = "ESMTP",
	.recipient = "student@lab.example",
	.sender = "student@lab.example",
	.when = HEADERS_WHEN,
};

int
headers_collect(void *arg, const char *data, size_t size)
{
	buf_add(arg, data, size);
	return 0;
}
