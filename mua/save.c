/*
 * save.c - writes parts to files.  A name from a message is a suggestion by a
 * stranger: no folder of it is taken, and it cannot hide a file or look like
 * an option.
 */
#include "mua/save.h"

#include "mua/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { NAME_SIZE_MAX = 200 };

static void
default_name(const struct part *part, size_t number, struct buf *to)
{
	const char *suffix = "bin";

	if (strcasecmp(part->type, "text/html") == 0)
		suffix = "html";
	else if (strncasecmp(part->type, "text/", 5) == 0)
		suffix = "txt";
	else if (strcasecmp(part->type, "message/rfc822") == 0)
		suffix = "eml";
	buf_printf(to, "part-%zu.%s", number, suffix);
}

/* What stands behind the last slash of either kind. */
static const char *
last_component(const char *name)
{
	const char *last = name;

	for (; *name != '\0'; name++)
		if (*name == '/' || *name == '\\')
			last = name + 1;
	return last;
}

void
save_name(const struct part *part, size_t number, struct buf *to)
{
	struct buf safe = BUF_INIT;
	const char *name;
	int columns;

	text_safe(part->filename, strlen(part->filename), &safe);
	name = last_component(safe.data);
	name += strspn(name, " .-\t\n");
	for (; *name != '\0' && to->size < NAME_SIZE_MAX;) {
		size_t size = text_next(name, &columns);

		if (columns < 0)
			buf_addchar(to, '_');
		else
			buf_add(to, name, size);
		name += size;
	}
	if (to->size == 0)
		default_name(part, number, to);
	buf_clear(&safe);
}

/* PATH with "~/" made the home folder.  The caller frees it. */
static char *
expand(const char *path)
{
	const char *home = getenv("HOME");

	if (strncmp(path, "~/", 2) == 0 && home != NULL)
		return xasprintf("%s%s", home, path + 1);
	return xstrdup(path);
}

enum save_result
save_file(const char *path, const struct buf *data, bool overwrite)
{
	int flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY |
	    (overwrite ? O_TRUNC : O_EXCL);
	char *expanded = expand(path);
	int fd = open(expanded, flags, 0600);
	int rc;
	int why;

	free(expanded);
	if (fd == -1)
		return errno == EEXIST ? SAVE_EXISTS : SAVE_FAILED;
	rc = write_all(fd, data->data, data->size);
	why = errno;
	if (close(fd) == -1 && rc == 0) {
		rc = -1;
		why = errno;
	}
	errno = why;
	return rc == -1 ? SAVE_FAILED : SAVED;
}
