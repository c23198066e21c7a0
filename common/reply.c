/* reply.c - the mail system's one error type. */
#include "common/reply.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct reply
reply(int code, const char *fmt, ...)
{
	struct reply r = { .code = code };
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(r.text, sizeof(r.text), fmt, ap);
	va_end(ap);
	return r;
}

bool
reply_is_ok(const struct reply *r)
{
	return r->code / 100 == 2;
}

bool
reply_is_temporary(const struct reply *r)
{
	return r->code / 100 == 4;
}

bool
reply_is_final(const struct reply *r)
{
	return r->code / 100 == 5;
}

/* status-code = class "." subject "." detail, RFC 3463 2: 1, 1*3, 1*3. */
static size_t
status_length(const char *text)
{
	size_t at = 1;

	if (*text != '2' && *text != '4' && *text != '5')
		return 0;
	for (int part = 0; part < 2; part++) {
		size_t digits = 0;

		if (text[at++] != '.')
			return 0;
		while (digits < 4 && isdigit((unsigned char)text[at])) {
			at++;
			digits++;
		}
		if (digits == 0 || digits > 3)
			return 0;
	}
	return text[at] == '\0' || text[at] == ' ' || text[at] == '\n' ? at : 0;
}

void
reply_status(const struct reply *r, char *status, size_t size)
{
	size_t length = status_length(r->text);

	/* A status of another class than the code would be a lie. */
	if (length > 0 && length < size && r->text[0] - '0' == r->code / 100)
		(void)snprintf(status, size, "%.*s", (int)length, r->text);
	else
		(void)snprintf(status, size, "%d.0.0", r->code / 100);
}
