/*
 * query_private.h - a query taken apart, for those who answer it.
 */
#ifndef MAILDIR_QUERY_PRIVATE_H
#define MAILDIR_QUERY_PRIVATE_H

#include "maildir/query.h"
#include "maildir/words.h"

enum { QUERY_TERMS_MAX = 100, QUERY_DEPTH_MAX = 20 };

enum query_kind {
	QUERY_AND, /* all of its children */
	QUERY_OR,
	QUERY_NOT, /* its one child */
	QUERY_WORDS,
	QUERY_ID,
	QUERY_FLAG,
	QUERY_NO_FLAG,
	QUERY_NEW,
	QUERY_ATTACHMENT,
	QUERY_BEFORE,
	QUERY_FROM, /* this moment on */
	QUERY_LARGER,
	QUERY_SMALLER,
};

/* Where words are looked for. */
enum query_place {
	IN_FROM = 1 << 0,
	IN_TO = 1 << 1,
	IN_SUBJECT = 1 << 2,
	IN_CC = 1 << 3, /* this and the following only FTS5 knows */
	IN_BODY = 1 << 4,
	IN_FILE = 1 << 5,
};
#define IN_TEXT (IN_CC | IN_BODY | IN_FILE)
#define ANYWHERE (IN_FROM | IN_TO | IN_SUBJECT | IN_TEXT)

/* A node of the tree; its children are a list. */
struct query_term {
	struct query_term *next;
	struct query_term *child;
	enum query_kind kind;
	size_t number; /* counted from 0 in the whole query */
	unsigned places;
	char *text; /* of words, or the id */
	struct phrase phrase;
	char flag;
	int64_t value; /* seconds since 1970, or octets */
};

struct query {
	struct word_breaker *breaker;
	struct query_term *root; /* NULL finds everything */
	size_t terms;
};

/* Asks whether the text of a message has the words of TERM. */
struct query_texts {
	bool (*has)(void *arg, const struct query_term *term,
	    const struct index_entry *entry);
	void *arg;
};

/* query_match() with the texts, unless TEXTS is NULL. */
bool query_decide(const struct query *query, const struct index_entry *entry,
    const struct query_texts *texts);

#endif
