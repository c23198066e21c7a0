/*
 * mailcap.h - which program shows a part: mailcap files (RFC 1524).
 *
 * What a message says never becomes part of a shell's command line: %s is a
 * path of our own making, %t a type that is letters, digits and - . + alone,
 * and %{charset} likewise; of all else there is nothing.
 */
#ifndef MUA_MAILCAP_H
#define MUA_MAILCAP_H

#include "common/buf.h"

#include <stdbool.h>

struct mailcap_entry {
	char *command;    /* as in the file: a line for sh, with %s */
	char *ending;     /* the file's name should have it: ".html"; or "" */
	bool on_terminal; /* needsterminal */
	bool copious;     /* copiousoutput: its output is to be read */
};

/*
 * The first entry for TYPE ("image/png") in $MAILCAPS, or else ~/.mailcap,
 * /etc/mailcap and the like, whose test succeeds.  False when there is none.
 */
bool mailcap_find(const char *type, struct mailcap_entry *out);

/*
 * The same in the TEXT of one file.  PASSES is asked about a test's command.
 */
bool mailcap_match(const char *text, const char *type,
    bool (*passes)(const char *test), struct mailcap_entry *out);
void mailcap_clear(struct mailcap_entry *entry);

/*
 * The command line for the file at PATH, appended to TO.  True when it wants
 * the file on standard input instead, as it has no %s.
 */
bool mailcap_expand(const char *command, const char *path, const char *type,
    const char *charset, struct buf *to);

#endif
