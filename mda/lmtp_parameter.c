/*
 * lmtp_parameter.c - esmtp-keyword ["=" esmtp-value], RFC 5321 4.1.2.
 */
#include "mda/lmtp_parameter.h"

#include <stddef.h>
#include <string.h>

bool
lmtp_parameter_next(char **cursor, struct lmtp_parameter *parameter_out)
{
	char *word = *cursor + strspn(*cursor, " ");
	char *end = word + strcspn(word, " ");
	char *equals;

	if (*word == '\0')
		return false;
	*cursor = end;
	if (*end != '\0') {
		*end = '\0';
		(*cursor)++;
	}
	equals = strchr(word, '=');
	if (equals != NULL)
		*equals++ = '\0';
	parameter_out->name = word;
	parameter_out->value = equals;
	return true;
}
