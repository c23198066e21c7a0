/* mem.c - allocation that ends the process when there is no memory. */
#include "common/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"

static void *
or_die(void *data)
{
	if (data == NULL)
		panic("out of memory");
	return data;
}

void *
xmalloc(size_t size)
{
	return or_die(malloc(size == 0 ? 1 : size));
}

void *
xcalloc(size_t count, size_t size)
{
	return or_die(calloc(count == 0 ? 1 : count, size == 0 ? 1 : size));
}

void *
xrealloc(void *data, size_t size)
{
	return or_die(realloc(data, size == 0 ? 1 : size));
}

char *
xstrdup(const char *s)
{
	return or_die(strdup(s));
}

char *
xasprintf(const char *fmt, ...)
{
	va_list ap;
	char *text;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	return or_die(n == -1 ? NULL : text);
}

bool
copy_string(char *to, size_t size, const char *from)
{
	size_t length = strnlen(from, size);
	bool fits = length < size;

	if (!fits)
		length = size - 1;
	memcpy(to, from, length);
	to[length] = '\0';
	return fits;
}
