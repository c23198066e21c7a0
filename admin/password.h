/*
 * password.h - where a new password comes from.
 */
#ifndef ADMIN_PASSWORD_H
#define ADMIN_PASSWORD_H

#include "common/buf.h"

#include <stdbool.h>

/*
 * Appends a fresh one that can be read out and typed: five times two
 * syllables, "bafo-kile-mura-sohe-tapi", 63 bits of chance.
 */
void password_generate(struct buf *to);

/*
 * Whether PASSWORD can be one; when not, WHY says so.  Any text is good but
 * the empty one and one longer than 255 bytes or with control characters,
 * which no client can send in every way to log in.
 */
bool password_is_good(const char *password, const char **why);

/* Reads one line from standard input.  When it is none, that is said. */
bool password_read(struct buf *to);

#endif
