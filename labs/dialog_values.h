/*
 * dialog_values.h - the names of a dialog, and ${...} in its lines.
 *
 * docs/DIALOGS.md, "Values".
 */
#ifndef LABS_DIALOG_VALUES_H
#define LABS_DIALOG_VALUES_H

#include "common/buf.h"

#include <stdbool.h>
#include <stddef.h>

struct value {
	char *name;
	char *text;
};

struct values {
	struct value *list;
	size_t count;
	char why[200]; /* of the last failure, a sentence */
};

/* SIZE bytes of TEXT under NAME, whatever it was before. */
void values_set(struct values *values, const char *name, const char *text,
    size_t size);
const char *values_get(const struct values *values, const char *name);
void values_clear(struct values *values);

enum expansion {
	EXPAND_PLAIN,   /* a line: a backslash is a backslash */
	EXPAND_ESCAPES, /* \r \n \t \0 \xNN and \\ are bytes */
	EXPAND_PATTERN, /* what ${...} gives means nothing but itself */
};

/* Appends TEXT with its values put in.  False with values->why. */
bool values_expand(struct values *values, const char *text, enum expansion how,
    struct buf *to);

/* Whether TEXT contains ${NAME}, NAME being SIZE bytes. */
bool values_uses(const char *text, const char *name, size_t size);

#endif
