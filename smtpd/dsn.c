/* dsn.c - a few words, looked for in a line of parameters. */
#include "smtpd/dsn.h"

#include <string.h>
#include <strings.h>

#include "common/buf.h"

enum { NOTIFY_SIZE = 64 };

bool
dsn_parameter(const char *parameters, const char *name, char *value,
    size_t size)
{
	size_t length = strlen(name);

	value[0] = '\0';
	while (*(parameters += strspn(parameters, " ")) != '\0') {
		size_t n = strcspn(parameters, " ");

		if (n > length && n - length < size &&
		    strncasecmp(parameters, name, length) == 0) {
			memcpy(value, parameters + length, n - length);
			value[n - length] = '\0';
			return true;
		}
		parameters += n;
	}
	return false;
}

/* Whether WORD is one of LIST, which has commas between its words. */
static bool
is_listed(const char *list, const char *word)
{
	for (const char *at = list; *at != '\0'; at += *at == ',') {
		size_t length = strcspn(at, ",");

		if (strlen(word) == length &&
		    strncasecmp(at, word, length) == 0)
			return true;
		at += length;
	}
	return false;
}

bool
dsn_wants(const char *parameters, const char *word)
{
	char notify[NOTIFY_SIZE];

	if (!dsn_parameter(parameters, "NOTIFY=", notify, sizeof(notify)))
		return strcmp(word, "SUCCESS") != 0;
	return is_listed(notify, word);
}

/* "NOTIFY=", and what is left of it for members. */
static void
put_notify(const char *parameters, struct buf *to)
{
	bool failure = dsn_wants(parameters, "FAILURE");
	bool delay = dsn_wants(parameters, "DELAY");

	buf_addstr(to, "NOTIFY=");
	if (failure)
		buf_addstr(to, delay ? "FAILURE,DELAY" : "FAILURE");
	else
		buf_addstr(to, delay ? "DELAY" : "NEVER");
}

char *
dsn_of_members(const char *parameters)
{
	struct buf text = BUF_INIT;

	if (!dsn_wants(parameters, "SUCCESS"))
		return xstrdup(parameters);
	while (*(parameters += strspn(parameters, " ")) != '\0') {
		size_t n = strcspn(parameters, " ");

		if (text.size > 0)
			buf_addchar(&text, ' ');
		if (strncasecmp(parameters, "NOTIFY=", strlen("NOTIFY=")) == 0)
			put_notify(parameters, &text);
		else
			buf_add(&text, parameters, n);
		parameters += n;
	}
	return buf_steal(&text);
}
