/*
 * wire_words.h - a word of explanation for each command and each reply.
 */
#ifndef MUA_WIRE_WORDS_H
#define MUA_WIRE_WORDS_H

#include "mua/wire.h"

/* What the command VERB asks for; "" when it is not known. */
const char *wire_words_command(enum wire_protocol protocol, const char *verb);

/* What the reply LINE to VERB ("" for the greeting) means. */
const char *wire_words_reply(enum wire_protocol protocol, const char *verb,
    const char *line);

#endif
