/*
 * sentences.h - an explain.ini, read.
 *
 *	[a name for the case]
 *	reply = 503 5.5.1 Error: need MAIL*
 *	typed = RCPT*
 *	en = First say who sends.
 *	es = Primero diga quien envia.
 *
 * reply and typed are patterns of fnmatch(3), of any case, over the whole
 * reply (code and text) and the whole line that was typed; without typed it
 * may be any line.  Besides *, ? and [abc] there are @(this|that) and
 * !(neither).  All other keys are languages.  A value goes on in the next line
 * when that is indented.
 *
 * The text in the source tree is common/explain.ini.
 */
#ifndef COMMON_SENTENCES_H
#define COMMON_SENTENCES_H

#include "common/buf.h"

#include <stdbool.h>
#include <stddef.h>

/* With code and status a line of a reply has at most 500 bytes. */
enum { SENTENCE_MAX = 480 };

/* One section. */
struct sentence {
	char *name;
	int line;      /* where it begins */
	char *reply;   /* pattern */
	char *typed;   /* pattern, NULL: any line */
	char *text;    /* in the language asked for, NULL: not there */
	char *english; /* NULL: not there */
};

struct sentences {
	struct sentence *all;
	size_t count;
	bool has_language; /* one at least is in the language asked for */
};

struct sentences_source {
	const char *name; /* of the file, for mistakes */
	const char *text;
	size_t size;
};

/* common/explain.ini, as it was at build time (sentences_text.c). */
struct sentences_source sentences_built_in(void);

/*
 * Reads SOURCE for LANGUAGE.  False when it has a mistake: WHY then says which,
 * with file and line, and the struct is empty.
 */
bool sentences_read(struct sentences *sentences,
    const struct sentences_source *source, const char *language,
    struct buf *why);

/* The first that matches and says something; NULL: none does. */
const struct sentence *sentences_find(const struct sentences *sentences,
    const char *reply, const char *typed);

void sentences_clear(struct sentences *sentences);

#endif
