/*
 * config_table.h - every key of postlab.conf, declared once.
 *
 * Private to config*.c.  A row says where a key stands, what it may be, where
 * it goes in struct config (or struct listener, for the section "listen") and
 * what it means; reading, checking, printing and the manual page follow it.
 */
#ifndef COMMON_CONFIG_TABLE_H
#define COMMON_CONFIG_TABLE_H

#include "common/buf.h"

#include <stdbool.h>
#include <stddef.h>

enum key_type {
	KEY_INTEGER,   /* int, min to max */
	KEY_SECONDS,   /* int, min to max; written 90, 90s, 5m, 4h or 5d */
	KEY_BOOLEAN,   /* bool; yes or no */
	KEY_CHOICE,    /* int or an enum: the place of the word in choices */
	KEY_WORD,      /* char *, one of choices */
	KEY_HOST,      /* char *, a host name */
	KEY_ACCOUNT,   /* char *, a Unix account or empty */
	KEY_ADDRESSES, /* char *, IP addresses, or unix:PATH */
	KEY_ENDPOINT,  /* char *, unix:PATH or IP:PORT */
	KEY_WORDS,     /* char *, some of choices, separated by blanks */
	KEY_TEXT,      /* char *, printable ASCII or empty */
};

struct config_key {
	const char *section; /* "listen": a key of [listen NAME] */
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

/* The row of SECTION ("listen" for listeners) and NAME, or NULL. */
const struct config_key *config_find_key(const char *section, const char *name);

/* Whether it belongs to [listen NAME]. */
bool config_is_listener_key(const struct config_key *key);

/* Whether the table has keys of SECTION. */
bool config_has_section(const char *section);

/*
 * Reads VALUE into the key's place in BASE.  When it is none, false, and
 * MISTAKE says what it must be: "must be yes or no".
 */
bool config_set(const struct config_key *key, void *base, const char *value,
    struct buf *mistake);

/* Gives all keys of a LISTENER, or of the rest, in BASE their fallbacks. */
void config_set_fallbacks(bool listener, void *base);

/* Appends the value as config_set() reads it. */
void config_format(const struct config_key *key, const void *base,
    struct buf *to);

/* Appends what a value may be: "seconds, 1 to 3600", "yes or no". */
void config_describe(const struct config_key *key, struct buf *to);

/* Frees the strings of a listener, or of the rest, in BASE. */
void config_clear(bool listener, void *base);

#endif
