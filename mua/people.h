/*
 * people.h - lists of people: a name and an address each.
 *
 * What stands in To, Cc and the like; names are decoded UTF-8, harmless and on
 * one line; every address is one that RFC 5321 (6531) allows.
 */
#ifndef MUA_PEOPLE_H
#define MUA_PEOPLE_H

#include "common/buf.h"

#include <stdbool.h>
#include <stddef.h>

struct person {
	char *name; /* "" for none */
	char *address;
};

/* All zero is an empty one. */
struct people {
	struct person *items;
	size_t count;
};

/*
 * Appends whom a person has typed: addresses with or without names, groups,
 * commas.  A word without @ is somebody at DOMAIN ("" or NULL: is none).  When
 * a piece is no address: false, WHY is a sentence and PEOPLE is as before.
 */
bool people_parse(const char *text, const char *domain, struct people *people,
    char *why, size_t size);

/*
 * Appends those in a field's VALUE, raw as header_next() gives it; what cannot
 * be an address is left out.
 */
void people_read(const char *value, size_t size, struct people *people);

/* Appends somebody, unless the address is there already. */
void people_add(struct people *people, const char *name, const char *address);
void people_add_all(struct people *people, const struct people *more);

/* Compares without case: nobody has two mailboxes that differ in it alone. */
bool people_has(const struct people *people, const char *address);
void people_remove(struct people *people, const char *address);

/* Appends "Bob <bob@x.example>, carol@y.example": to be read and to be parsed
 * again. */
void people_format(const struct people *people, struct buf *to);
void person_format(const struct person *person, struct buf *to);

void people_clear(struct people *people);

#endif
