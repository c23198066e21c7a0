/*
 * config_value.c - the value of one key: read it, check it, write it.
 *
 * One function a type; config_set() is the only door.  A value that is wrong
 * is never half taken over: the check comes first.
 */
#include "common/config_table.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/address.h"
#include "common/config_form.h"

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
	int choice = form_find_choice(key->choices, value);

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
set_names(const struct config_key *key, void *base, const char *value,
    bool good)
{
	char *names = xstrdup(value);
	bool rc;

	for (char *at = names; *at != '\0'; at++)
		if (*at >= 'A' && *at <= 'Z')
			*at = (char)(*at - 'A' + 'a');
	rc = set_text(key, base, names, good);
	free(names);
	return rc;
}

/* Stored as the table writes it, whatever the case typed. */
static bool
set_word(const struct config_key *key, void *base, const char *value)
{
	int choice = form_find_choice(key->choices, value);

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
		return set_names(key, base, value, domain_is_valid(value));
	case KEY_ACCOUNT:
		return set_text(key, base, value, form_is_account(value));
	case KEY_ADDRESSES:
		return set_text(key, base, value, form_is_addresses(value));
	case KEY_ENDPOINT:
		return set_text(key, base, value, form_is_endpoint(value));
	case KEY_WORDS:
		return set_text(key, base, value,
		    form_is_words(key->choices, value));
	case KEY_TEXT:
		return set_text(key, base, value, form_is_text(value));
	case KEY_RESOLVERS:
		return set_text(key, base, value, form_is_resolvers(value));
	case KEY_SOURCES:
		return set_text(key, base, value, form_is_sources(value));
	case KEY_DOMAINS:
		return set_names(key, base, value, form_is_domains(value));
	case KEY_PEER:
		return set_names(key, base, value, form_is_peer(value));
	case KEY_STATE_FILE:
		return set_text(key, base, value, form_is_state_file(value));
	case KEY_FAULTS:
		return set_text(key, base, value, form_is_faults(value));
	case KEY_UTF8:
		return set_text(key, base, value, form_is_utf8(value));
	case KEY_MAILBOX:
		return set_text(key, base, value, form_is_mailbox(value));
	case KEY_SERVER:
		return set_names(key, base, value, form_is_peer(value));
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

/* Kinds of value that are the same for every key. */
static const char *const descriptions[] = {
	[KEY_BOOLEAN] = "yes or no",
	[KEY_HOST] = "a host name",
	[KEY_ACCOUNT] = "an account name or empty",
	[KEY_ADDRESSES] = "IP addresses or unix:PATH",
	[KEY_ENDPOINT] = "unix:PATH, IPV4:PORT or [IPV6]:PORT",
	[KEY_TEXT] = "a text in ASCII or empty",
	[KEY_RESOLVERS] =
	    "IP addresses, each with @PORT or not, none, or empty",
	[KEY_SOURCES] = "at most one IPv4 and one IPv6 address",
	[KEY_DOMAINS] = "one or more of DOMAIN, .DOMAIN or *",
	[KEY_PEER] = "a host name, an IP address or mx",
	[KEY_STATE_FILE] = "a path below the state folder or empty",
	[KEY_FAULTS] = "SECOND-SECOND FAULT, as often as wanted, or empty",
	[KEY_UTF8] = "a text in UTF-8 or empty",
	[KEY_MAILBOX] = "an address, LOCAL@DOMAIN",
	[KEY_SERVER] = "a host name or an IP address",
};

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
	case KEY_CHOICE:
	case KEY_WORD:
		describe_choices(key, to);
		break;
	case KEY_WORDS:
		buf_addstr(to, "one or more of ");
		describe_choices(key, to);
		break;
	default:
		buf_addstr(to, descriptions[key->type]);
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

bool
config_is_string(const struct config_key *key)
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

	if (config_is_string(key)) {
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
config_set_fallbacks(enum config_part part, void *base)
{
	for (size_t i = 0; i < config_key_count; i++) {
		const struct config_key *key = &config_keys[i];

		if (key->fallback == NULL || config_part_of(key) != part)
			continue;
		if (!set_value(key, base, key->fallback))
			abort(); /* a mistake in the table; a test looks */
	}
}

void
config_clear(enum config_part part, void *base)
{
	for (size_t i = 0; i < config_key_count; i++) {
		const struct config_key *key = &config_keys[i];

		if (config_is_string(key) && config_part_of(key) == part) {
			char **text = place(key, base);

			free(*text);
			*text = NULL;
		}
	}
}
