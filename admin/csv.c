/* csv.c - one line of a comma-separated file (RFC 4180). */
#include "admin/csv.h"

#include <string.h>

/*
 * Reads the quoted field at P, whose content is moved to P.  Returns what
 * follows its closing quote, NULL when there is none.
 */
static char *
unquote(char *p)
{
	char *to = p;
	const char *from = p + 1;

	for (;;) {
		if (*from == '\0')
			return NULL;
		if (*from == '"' && *++from != '"')
			break;
		*to++ = *from++;
	}
	/* Where FROM is, as a pointer that may be written through. */
	p += from - p;
	*to = '\0';
	return p;
}

int
csv_split(char *line, char **fields, size_t max)
{
	size_t count = 0;
	char *p = line;

	if (line[strspn(line, " \t")] == '\0')
		return 0;
	for (;;) {
		char *end;

		if (count == max)
			return -1;
		fields[count++] = p;
		if (*p == '"')
			end = unquote(p);
		else
			end = p + strcspn(p, ",\"");
		if (end == NULL || (*end != ',' && *end != '\0'))
			return -1;
		if (*end == '\0')
			return (int)count;
		*end = '\0';
		p = end + 1;
	}
}
