/*
 * mbox.c - a file with many messages (RFC 4155), which is no mailbox of ours.
 *
 * Opened as one message, the others would be shown as its text.
 */
#include "mua/mbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

/* "From a@b Sun Nov 22 04:13:17 2026"; prose that begins so has no time. */
static bool
is_from_line(const char *line)
{
	const char *colon = strchr(line, ':');

	return strncmp(line, "From ", 5) == 0 && colon != NULL &&
	    colon[strspn(colon, ":0123456789")] == ' ' &&
	    strspn(colon + 1, "0123456789") == 2;
}

bool
mbox_has_several(const char *path)
{
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;
	bool first = true;
	bool blank = false;
	bool several = false;

	if (file == NULL)
		return false;
	while (!several && getline(&line, &room, file) > 0) {
		bool from = (first || blank) && is_from_line(line);

		if (first && !from)
			break;
		several = from && !first;
		first = false;
		blank = line[strspn(line, "\r\n")] == '\0';
	}
	free(line);
	fclose(file);
	return several;
}
