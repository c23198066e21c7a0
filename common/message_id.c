/*
 * message_id.c - what stands between < and >.
 *
 *   msg-id = [CFWS] "<" id-left "@" id-right ">" [CFWS]     RFC 5322 3.6.4
 *
 * Programs write all kinds of things there.  Whatever it is, it must only come
 * out the same each time; so no more of the grammar is looked at.
 */
#include "common/message_id.h"

#include <stdbool.h>
#include <string.h>

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

const char *
message_id_read(const char *value, size_t size, char id[MESSAGE_ID_SIZE])
{
	const char *end = value + size;
	const char *open = memchr(value, '<', size);
	const char *at = open == NULL ? value : open + 1;
	size_t n = 0;

	while (at < end && is_blank(*at))
		at++;
	for (; at < end && n < MESSAGE_ID_MAX; at++) {
		/* Within < > a fold may stand, which is no part of it. */
		if (*at == '>' || (open == NULL && is_blank(*at)))
			break;
		if (!is_blank(*at))
			id[n++] = *at == '\0' ? '?' : *at;
	}
	id[n] = '\0';
	return id;
}
