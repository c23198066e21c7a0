/*
 * buf.c - the one growable string.
 *
 * Room doubles, so that appending byte by byte is linear in the end.
 */
#include "common/buf.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"

enum { FIRST_ROOM = 64, READ_STEP = 16384 };

char buf_empty[1];

/* Makes room for MORE bytes and the NUL behind what is there. */
static void
make_room(struct buf *buf, size_t more)
{
	size_t room = buf->room == 0 ? FIRST_ROOM : buf->room;

	if (more > SIZE_MAX / 4 - buf->size)
		panic("a buffer of %zu bytes", buf->size);
	while (room - buf->size <= more)
		room *= 2;
	if (room == buf->room)
		return;
	buf->data = xrealloc(buf->room == 0 ? NULL : buf->data, room);
	buf->room = room;
	buf->data[buf->size] = '\0';
}

void
buf_add(struct buf *buf, const void *data, size_t size)
{
	if (size == 0)
		return;
	make_room(buf, size);
	memcpy(buf->data + buf->size, data, size);
	buf->size += size;
	buf->data[buf->size] = '\0';
}

void
buf_addstr(struct buf *buf, const char *s)
{
	buf_add(buf, s, strlen(s));
}

void
buf_addchar(struct buf *buf, char c)
{
	buf_add(buf, &c, 1);
}

void
buf_printf(struct buf *buf, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		panic("bad format %s", fmt);
	make_room(buf, (size_t)n);
	va_start(ap, fmt);
	(void)vsnprintf(buf->data + buf->size, buf->room - buf->size, fmt, ap);
	va_end(ap);
	buf->size += (size_t)n;
}

void
buf_drop(struct buf *buf, size_t count)
{
	if (count == 0)
		return;
	if (count > buf->size)
		panic("buf_drop: %zu of %zu", count, buf->size);
	buf->size -= count;
	memmove(buf->data, buf->data + count, buf->size + 1);
}

void
buf_reset(struct buf *buf)
{
	buf->size = 0;
	if (buf->room != 0)
		buf->data[0] = '\0';
}

void
buf_clear(struct buf *buf)
{
	if (buf->room != 0)
		free(buf->data);
	*buf = (struct buf)BUF_INIT;
}

char *
buf_steal(struct buf *buf)
{
	char *data = buf->room == 0 ? xstrdup("") : buf->data;

	*buf = (struct buf)BUF_INIT;
	return data;
}

int
buf_read(struct buf *buf, int fd, size_t limit)
{
	while (buf->size < limit) {
		size_t want = limit - buf->size;
		ssize_t n;

		if (want > READ_STEP)
			want = READ_STEP;
		make_room(buf, want);
		n = read(fd, buf->data + buf->size, want);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return (int)n;
		buf->size += (size_t)n;
		buf->data[buf->size] = '\0';
	}
	return 1;
}

int
write_all(int fd, const void *data, size_t size)
{
	const char *at = data;

	while (size > 0) {
		ssize_t n = write(fd, at, size);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -1;
		at += n;
		size -= (size_t)n;
	}
	return 0;
}
