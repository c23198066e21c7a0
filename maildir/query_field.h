/*
 * query_field.h - the terms of a query that are written NAME:VALUE.
 */
#ifndef MAILDIR_QUERY_FIELD_H
#define MAILDIR_QUERY_FIELD_H

#include "common/mem.h"
#include "maildir/query_private.h"

/* What is wrong with a query. */
struct query_fault {
	char *why;
	size_t size;
};

/* Writes the sentence; always false. */
bool query_refuse(struct query_fault *fault, const char *fmt, ...) PRINTF(2, 3);

/* Fills TERM with words of PLACES; WHOLE when they were in quotes. */
bool query_set_words(struct query *query, struct query_term *term,
    unsigned places, const char *words, bool whole, struct query_fault *fault);

/* A value as it was typed. */
struct query_value {
	const char *name; /* of the field */
	const char *text;
	bool quoted;
};

/* Fills TERM from NAME:VALUE.  False with a fault when that is none. */
bool query_set_field(struct query *query, struct query_term *term,
    const struct query_value *value, struct query_fault *fault);

#endif
