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

#endif
