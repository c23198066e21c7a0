/*
 * explain.h - refusals in plain words, for listeners with explain = yes.
 *
 * All sentences are in explain.ini, which is built in; a teacher may
 * put others before them ([server] explain_file).  A sentence says what was
 * wrong with the line that was typed, the rule, and what to do next.  It never
 * tells more than the refusal itself, above all not who exists: it is found by
 * the reply and by the line, and by nothing else.
 */
#ifndef COMMON_EXPLAIN_H
#define COMMON_EXPLAIN_H

#include "common/config.h"
#include "common/reply.h"

#include <stdbool.h>
#include <stdio.h>

/*
 * Reads the sentences, in the master before workers are forked.  With a mistake
 * in explain_file, which is logged, the built-in ones serve alone.
 */
void explain_configure(const struct config *config);

/*
 * What is wrong with explain_file and language, a line each, for config check.
 * How many lines that were.
 */
int explain_check(const struct config *config, FILE *to);

/*
 * Prints the sentence for the reply SAID ("503 5.5.1 ...") to the line TYPED,
 * behind the name of its section.  False when there is none.
 */
bool explain_show(const struct config *config, const char *said,
    const char *typed, FILE *to);

/*
 * The sentence for the reply SAID ("-ERR no such message") to the command line
 * TYPED; NULL: there is none.  Valid until explain_speak().
 */
const char *explain_words(const char *said, const char *typed);

/* From now on in LANGUAGE, as far as there are sentences in it: POP3's LANG. */
void explain_speak(const char *language);

/*
 * R with a second line, where it is a refusal with one line and there is
 * something to say; else R as it is.  TYPED is the command line it answers, ""
 * when it answers none.  Before explain_configure() nothing is added.
 */
struct reply explain(const struct reply *r, const char *typed);

#endif
