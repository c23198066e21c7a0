/*
 * config_value.c - the value of one key: read it, check it, write it.
 *
 * One function a type; config_set() is the only door.  A value that is wrong
 * is never half taken over: the check comes first.
 */
#include "common/config_table.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/un.h>

#include "common/address.h"

enum { WORD_SIZE = 256 };

/* Units of KEY_SECONDS, the largest first. */
static const struct unit {
	char letter;
	int seconds;
} units[] = { { 'd', 86400 }, { 'h', 3600 }, { 'm', 60 }, { 's', 1 } };

static void *
place(const struct config_key *key, void *base)
{
	return (char *)base + key->offset;
}

static const void *
place_to_read(const struct config_key *key, const void *base)
{
	return (const char *)base + key->offset;
}

/* Copies the next blank-separated word; false at the end or when too long. */
static bool
next_word(const char **cursor, char word[WORD_SIZE])
{
	size_t length;

	*cursor += strspn(*cursor, " \t");
	length = strcspn(*cursor, " \t");
	if (length == 0 || length >= WORD_SIZE)
		return false;
	memcpy(word, *cursor, length);
	word[length] = '\0';
	*cursor += length;
	return true;
}

static bool
is_ip(const char *text)
{
	struct in6_addr address;

	return inet_pton(AF_INET, text, &address) == 1 ||
	    inet_pton(AF_INET6, text, &address) == 1;
}

static bool
is_unix_path(const char *text)
{
	size_t room = sizeof(((struct sockaddr_un *)NULL)->sun_path);

	if (strncmp(text, "unix:", 5) != 0)
		return false;
	text += 5;
	return *text != '\0' && strlen(text) < room &&
	    text[strcspn(text, " \t")] == '\0';
}

static bool
is_addresses(const char *text)
{
	char word[WORD_SIZE];

	if (is_unix_path(text))
		return true;
	if (*text == '\0')
		return false;
	while (next_word(&text, word)) {
		if (!is_ip(word))
			return false;
	}
	return text[strspn(text, " \t")] == '\0';
}

/* unix:PATH, 192.0.2.1:24 or [2001:db8::1]:24 */
static bool
is_endpoint(const char *text)
{
	const char *colon = strrchr(text, ':');
	char host[WORD_SIZE];
	size_t length;
	bool bracketed;
	long port;

	if (is_unix_path(text))
		return true;
	if (colon == NULL || strlen(text) >= sizeof(host))
		return false;
	bracketed = text[0] == '[' && colon > text && colon[-1] == ']';
	length = (size_t)(colon - text) - (bracketed ? 2 : 0);
	memcpy(host, text + (bracketed ? 1 : 0), length);
	host[length] = '\0';
	if (bracketed != (strchr(host, ':') != NULL) || !is_ip(host))
		return false;
	length = strspn(colon + 1, "0123456789");
	if (length < 1 || length > 5 || colon[1 + length] != '\0')
		return false;
	port = strtol(colon + 1, NULL, 10);
	return port >= 1 && port <= 65535;
}

static bool
is_account(const char *text)
{
	return text[strspn(text,
		   "abcdefghijklmnopqrstuvwxyz"
		   "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")] == '\0' &&
	    *text != '-';
}

static int
find_choice(const char *const *choices, const char *word)
{
	for (int i = 0; choices[i] != NULL; i++) {
		if (strcasecmp(choices[i], word) == 0)
			return i;
	}
	return -1;
}

static bool
is_mechanisms(const char *const *choices, const char *text)
{
	char word[WORD_SIZE];

	if (*text == '\0')
		return false;
	while (next_word(&text, word)) {
		int i = find_choice(choices, word);

		if (i == -1 || strcmp(choices[i], word) != 0)
			return false;
	}
	return text[strspn(text, " \t")] == '\0';
}

static bool
set_int(const struct config_key *key, void *base, int number)
{
	memcpy(place(key, base), &number, sizeof(number));
	return true;
}

/* Decimal digits, for KEY_SECONDS with a unit behind them. */
static bool
set_number(const struct config_key *key, void *base, const char *value)
{
	size_t digits = strspn(value, "0123456789");
	const char *unit = value + digits;
	long long number;
	long long scale = 1;

	if (digits == 0 || digits > 10)
		return false;
	number = strtoll(value, NULL, 10);
	if (key->type == KEY_SECONDS && *unit != '\0') {
		size_t i = 0;

		while (i < COUNT(units) && units[i].letter != *unit)
			i++;
		if (i == COUNT(units))
			return false;
		scale = units[i].seconds;
		unit++;
	}
	number *= scale;
	if (*unit != '\0' || number < key->min || number > key->max)
		return false;
	return set_int(key, base, (int)number);
}

static bool
set_boolean(const struct config_key *key, void *base, const char *value)
{
	bool yes = strcasecmp(value, "yes") == 0;

	if (!yes && strcasecmp(value, "no") != 0)
		return false;
	memcpy(place(key, base), &yes, sizeof(yes));
	return true;
}

static bool
set_choice(const struct config_key *key, void *base, const char *value)
{
	int choice = find_choice(key->choices, value);

	return choice != -1 && set_int(key, base, choice);
}

static bool
set_text(const struct config_key *key, void *base, const char *value, bool good)
{
	char **text = place(key, base);

	if (!good)
		return false;
	free(*text);
	*text = xstrdup(value);
	return true;
}

/* Stored in lower case: names are compared and shown so. */
static bool
set_host(const struct config_key *key, void *base, const char *value)
{
	char host[DOMAIN_MAX + 1];

	if (!domain_is_valid(value))
		return false;
	for (size_t i = 0; i <= strlen(value); i++)
		host[i] = value[i] >= 'A' && value[i] <= 'Z'
		    ? (char)(value[i] - 'A' + 'a')
		    : value[i];
	return set_text(key, base, host, true);
}

/* Stored as the table writes it, whatever the case typed. */
static bool
set_word(const struct config_key *key, void *base, const char *value)
{
	int choice = find_choice(key->choices, value);

	return choice != -1 && set_text(key, base, key->choices[choice], true);
}

static bool
set_value(const struct config_key *key, void *base, const char *value)
{
	switch (key->type) {
	case KEY_INTEGER:
	case KEY_SECONDS:
		return set_number(key, base, value);
	case KEY_BOOLEAN:
		return set_boolean(key, base, value);
	case KEY_CHOICE:
		return set_choice(key, base, value);
	case KEY_WORD:
		return set_word(key, base, value);
	case KEY_HOST:
		return set_host(key, base, value);
	case KEY_ACCOUNT:
		return set_text(key, base, value, is_account(value));
	case KEY_ADDRESSES:
		return set_text(key, base, value, is_addresses(value));
	case KEY_ENDPOINT:
		return set_text(key, base, value, is_endpoint(value));
	case KEY_MECHANISMS:
		return set_text(key, base, value,
		    is_mechanisms(key->choices, value));
	}
	return false;
}

static void
describe_choices(const struct config_key *key, struct buf *to)
{
	for (size_t i = 0; key->choices[i] != NULL; i++) {
		if (i > 0)
			buf_addstr(to,
			    key->choices[i + 1] != NULL ? ", " : " or ");
		buf_addstr(to, key->choices[i]);
	}
}

static void
format_seconds(int seconds, struct buf *to)
{
	size_t i = 0;

	while (i < COUNT(units) - 1 && seconds % units[i].seconds != 0)
		i++;
	buf_printf(to, "%d%c", seconds / units[i].seconds, units[i].letter);
}

void
config_describe(const struct config_key *key, struct buf *to)
{
	switch (key->type) {
	case KEY_INTEGER:
		buf_printf(to, "a number, %d to %d", key->min, key->max);
		break;
	case KEY_SECONDS:
		buf_addstr(to, "a time, ");
		format_seconds(key->min, to);
		buf_addstr(to, " to ");
		format_seconds(key->max, to);
		break;
	case KEY_BOOLEAN:
		buf_addstr(to, "yes or no");
		break;
	case KEY_CHOICE:
	case KEY_WORD:
		describe_choices(key, to);
		break;
	case KEY_HOST:
		buf_addstr(to, "a host name");
		break;
	case KEY_ACCOUNT:
		buf_addstr(to, "an account name or empty");
		break;
	case KEY_ADDRESSES:
		buf_addstr(to, "IP addresses or unix:PATH");
		break;
	case KEY_ENDPOINT:
		buf_addstr(to, "unix:PATH, IPV4:PORT or [IPV6]:PORT");
		break;
	case KEY_MECHANISMS:
		buf_addstr(to, "one or more of ");
		describe_choices(key, to);
		break;
	}
}

bool
config_set(const struct config_key *key, void *base, const char *value,
    struct buf *mistake)
{
	if (set_value(key, base, value))
		return true;
	buf_addstr(mistake, "must be ");
	config_describe(key, mistake);
	return false;
}

static bool
is_string(const struct config_key *key)
{
	return key->type >= KEY_WORD;
}

void
config_format(const struct config_key *key, const void *base, struct buf *to)
{
	const void *from = place_to_read(key, base);
	int number = 0;
	bool yes = false;
	char *text = NULL;

	if (is_string(key)) {
		memcpy(&text, from, sizeof(text));
		buf_addstr(to, text == NULL ? "" : text);
		return;
	}
	if (key->type == KEY_BOOLEAN) {
		memcpy(&yes, from, sizeof(yes));
		buf_addstr(to, yes ? "yes" : "no");
		return;
	}
	memcpy(&number, from, sizeof(number));
	if (key->type == KEY_CHOICE)
		buf_addstr(to, key->choices[number]);
	else if (key->type == KEY_SECONDS)
		format_seconds(number, to);
	else
		buf_printf(to, "%d", number);
}

void
config_set_fallbacks(bool listener, void *base)
{
	for (size_t i = 0; i < config_key_count; i++) {
		const struct config_key *key = &config_keys[i];

		if (key->fallback == NULL ||
		    config_is_listener_key(key) != listener)
			continue;
		if (!set_value(key, base, key->fallback))
			abort(); /* a mistake in the table; a test looks */
	}
}

void
config_clear(bool listener, void *base)
{
	for (size_t i = 0; i < config_key_count; i++) {
		const struct config_key *key = &config_keys[i];

		if (is_string(key) && config_is_listener_key(key) == listener) {
			char **text = place(key, base);

			free(*text);
			*text = NULL;
		}
	}
}
