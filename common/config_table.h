/*
 * config_table.h - every key of postlab.conf, declared once.
 *
 * Private to config*.c, but for the mua, whose own keys have rows of the same
 * kind (mua/account_table.c).  A row says where a key stands, what it may be,
 * where it goes in struct config (or in struct listener or struct route_rule,
 * for the sections "listen" and "route") and what it means; reading, checking,
 * printing and the manual page follow it.
 */
#ifndef COMMON_CONFIG_TABLE_H
#define COMMON_CONFIG_TABLE_H

#include "common/buf.h"

#include <stdbool.h>
#include <stddef.h>

enum key_type {
	KEY_INTEGER,    /* int, min to max */
	KEY_SECONDS,    /* int, min to max; written 90, 90s, 5m, 4h or 5d */
	KEY_BOOLEAN,    /* bool; yes or no */
	KEY_CHOICE,     /* int or an enum: the place of the word in choices */
	KEY_WORD,       /* char *, one of choices */
	KEY_HOST,       /* char *, a host name */
	KEY_ACCOUNT,    /* char *, a Unix account or empty */
	KEY_ADDRESSES,  /* char *, IP addresses, or unix:PATH */
	KEY_ENDPOINT,   /* char *, unix:PATH or IP:PORT */
	KEY_WORDS,      /* char *, some of choices, separated by blanks */
	KEY_TEXT,       /* char *, printable ASCII or empty */
	KEY_RESOLVERS,  /* char *, IP or IP@PORT, any number; none; or empty */
	KEY_SOURCES,    /* char *, an IPv4 and an IPv6 address at most */
	KEY_DOMAINS,    /* char *, domains, .domain, or * */
	KEY_PEER,       /* char *, a host name, an IP address, or mx */
	KEY_STATE_FILE, /* char *, a path below the state folder, or empty */
	KEY_UTF8,       /* char *, UTF-8 without control characters, or empty */
	KEY_MAILBOX,    /* char *, local@domain */
	KEY_FAULTS,     /* char *, FROM-TO FAULT, ...; or empty */
	KEY_SERVER,     /* char *, a host name or an IP address */
};

/* Which struct a key is a member of. */
enum config_part {
	PART_WHOLE,    /* struct config */
	PART_LISTENER, /* [listen NAME]: struct listener */
	PART_ROUTE,    /* [route NAME]: struct route_rule */
	PART_COUNT,
};

struct config_key {
	const char *section; /* "listen", "route": a key of [listen NAME] */
	const char *name;
	enum key_type type;
	size_t offset;
	int min;
	int max;
	const char *const *choices; /* NULL at its end */
	const char *fallback;       /* NULL: see meaning */
	const char *meaning;        /* one sentence */
};

extern const struct config_key config_keys[];
extern const size_t config_key_count;

/* The row of SECTION ("listen" for [listen NAME]) and NAME, or NULL. */
const struct config_key *config_find_key(const char *section, const char *name);

enum config_part config_part_of(const struct config_key *key);

/* Whether the table has keys of SECTION. */
bool config_has_section(const char *section);

/*
 * Reads VALUE into the key's place in BASE.  When it is none, false, and
 * MISTAKE says what it must be: "must be yes or no".
 */
bool config_set(const struct config_key *key, void *base, const char *value,
    struct buf *mistake);

/* Gives all keys of PART, which is at BASE, their fallbacks. */
void config_set_fallbacks(enum config_part part, void *base);

/* Whether it is a char *. */
bool config_is_string(const struct config_key *key);

/* Appends the value as config_set() reads it. */
void config_format(const struct config_key *key, const void *base,
    struct buf *to);

/* Appends what a value may be: "seconds, 1 to 3600", "yes or no". */
void config_describe(const struct config_key *key, struct buf *to);

/* Frees the strings of the keys of PART, which is at BASE. */
void config_clear(enum config_part part, void *base);

#endif
