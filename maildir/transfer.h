/*
 * transfer.h - base64, quoted-printable and uuencode, undone.
 */
#ifndef MAILDIR_TRANSFER_H
#define MAILDIR_TRANSFER_H

#include "common/buf.h"

/*
 * Appends what the SIZE bytes at DATA in ENCODING (lower case, "" for none)
 * stand for; as much as can be decoded of damaged ones.  Returns NULL, or a
 * sentence on the damage that names the line; the caller frees it.
 */
char *transfer_decode(const char *encoding, const char *data, size_t size,
    struct buf *to);

/* Calls EACH for every damaged line (from 1) of base64 or quoted-printable. */
void transfer_examine(const char *encoding, const char *data, size_t size,
    void (*each)(void *arg, size_t line, const char *what), void *arg);

#endif
