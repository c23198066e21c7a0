/*
 * lmtp_parameter.c - esmtp-keyword ["=" esmtp-value], RFC 5321 4.1.2.
 */
#include "mda/lmtp_parameter.h"

#include <string.h>

static void
copy_part(char *to, size_t room, const char *from, size_t size)
{
	if (size > room - 1)
		size = room - 1;
	memcpy(to, from, size);
	to[size] = '\0';
}

bool
lmtp_parameter_next(const char **cursor, struct lmtp_parameter *parameter_out)
{
	const char *word = *cursor + strspn(*cursor, " ");
	size_t size = strcspn(word, " ");
	size_t name = strcspn(word, "= ");

	if (size == 0)
		return false;
	*cursor = word + size;
	copy_part(parameter_out->name, sizeof(parameter_out->name), word, name);
	parameter_out->has_value = name < size;
	if (parameter_out->has_value)
		name++;
	copy_part(parameter_out->value, sizeof(parameter_out->value),
	    word + name, size - name);
	return true;
}
