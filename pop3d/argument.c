/*
 * argument.c - numbers as RFC 1939 writes them, and what to say when they are
 * none: nothing from the client is repeated, everything is explained.
 */
#include <string.h>

#include "pop3d/answer.h"
#include "pop3d/commands.h"
#include "pop3d/maildrop.h"

bool
argument_number(const char **cursor, int32_t *number_out)
{
	const char *p = *cursor;
	int64_t number = 0;

	if (*p < '0' || *p > '9')
		return false;
	for (; *p >= '0' && *p <= '9'; p++) {
		number = number * 10 + (*p - '0');
		if (number > INT32_MAX)
			return false;
	}
	if (*p != ' ' && *p != '\0')
		return false;
	*cursor = p + strspn(p, " ");
	*number_out = (int32_t)number;
	return true;
}

/* Whether WORD is digits: a number, though perhaps too large for us. */
static bool
is_number(const char *word)
{
	size_t size = strspn(word, "0123456789");

	return size > 0 && (word[size] == ' ' || word[size] == '\0');
}

int
argument_message(struct session *session, const char **cursor,
    const char *usage, struct reply *refusal)
{
	const struct maildrop *maildrop = session->maildrop;
	size_t count = maildrop->listing.count;
	bool number = is_number(*cursor);
	int32_t n;

	if (**cursor == '\0')
		*refusal = reply_err(session,
		    "%s needs the number of a message", usage);
	else if (!number)
		*refusal = reply_err(session,
		    "that is no message number; LIST shows "
		    "them");
	else if (count == 0)
		*refusal = reply_err(session,
		    "no such message, the maildrop is empty");
	else if (!argument_number(cursor, &n) || (size_t)n > count)
		*refusal = reply_err(session,
		    "no such message, only %zu message%s in "
		    "maildrop",
		    count, count == 1 ? "" : "s");
	else if (n == 0)
		*refusal = reply_err(session,
		    "no such message, they are numbered from "
		    "1");
	else if (maildrop->deleted[n - 1])
		*refusal = reply_err(session,
		    "message %d is deleted; RSET would bring it back", n);
	else
		return n - 1;
	return -1;
}
