/* dsn.c - the values, a function each. */
#include "common/dsn.h"

#include <string.h>
#include <strings.h>

#include "common/address.h"
#include "common/buf.h"

bool
dsn_take_ret(const char *value, char ret[DSN_RET_SIZE])
{
	const char *kept = strcasecmp(value, "FULL") == 0 ? "FULL" : "HDRS";

	return strcasecmp(value, kept) == 0 &&
	    copy_string(ret, DSN_RET_SIZE, kept);
}

bool
dsn_take_envid(const char *value, char envid[DSN_ENVID_SIZE])
{
	char decoded[DSN_ENVID_SIZE];

	if (*value == '\0' || !xtext_decode(value, decoded, sizeof(decoded)))
		return false;
	for (const char *c = decoded; *c != '\0'; c++)
		if (*c < ' ' || *c > '~')
			return false;
	return copy_string(envid, DSN_ENVID_SIZE, value);
}

/* The bit of the word that VALUE begins with, 0 for none. */
static unsigned
notify_word(const char *value, size_t length)
{
	static const char *const names[] = { "SUCCESS", "FAILURE", "DELAY" };

	for (unsigned i = 0; i < COUNT(names); i++)
		if (strlen(names[i]) == length &&
		    strncasecmp(names[i], value, length) == 0)
			return 1U << i;
	return 0;
}

/*
 * notify-esmtp-value = "NEVER" / 1#notify-list-element         RFC 3461 4.1
 * notify-list-element = "SUCCESS" / "FAILURE" / "DELAY"
 */
bool
dsn_take_notify(const char *value, char notify[DSN_NOTIFY_SIZE])
{
	/* By the bits of their words. */
	static const char *const lists[] = { "", "SUCCESS", "FAILURE",
		"SUCCESS,FAILURE", "DELAY", "SUCCESS,DELAY", "FAILURE,DELAY",
		"SUCCESS,FAILURE,DELAY" };
	unsigned asked = 0;

	if (strcasecmp(value, "NEVER") == 0)
		return copy_string(notify, DSN_NOTIFY_SIZE, "NEVER");
	for (;;) {
		size_t length = strcspn(value, ",");
		unsigned word = notify_word(value, length);

		if (word == 0)
			return false;
		asked |= word;
		if (value[length] == '\0')
			break;
		value += length + 1;
	}
	return copy_string(notify, DSN_NOTIFY_SIZE, lists[asked]);
}

bool
dsn_wants_success(const char *notify)
{
	return strncmp(notify, "SUCCESS", strlen("SUCCESS")) == 0;
}
