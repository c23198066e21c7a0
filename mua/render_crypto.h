/*
 * render_crypto.h - signed and encrypted parts named.
 *
 * Nothing is checked and nothing decrypted here, and so nothing is said to be
 * good: only what a part claims to be.
 */
#ifndef MUA_RENDER_CRYPTO_H
#define MUA_RENDER_CRYPTO_H

#include "common/buf.h"
#include "maildir/message.h"

enum crypto {
	CRYPTO_NONE,
	CRYPTO_SIGNED,    /* multipart/signed: part, signature */
	CRYPTO_ENCRYPTED, /* what is in it cannot be read */
	CRYPTO_WRAPPED,   /* S/MIME: the signature holds the part */
};

/*
 * What part I is; appends a line about it to TO ("Signed with PGP ...").
 */
enum crypto crypto_name(const struct message *message, size_t i,
    struct buf *to);

/* The same of a text with PGP in it. */
enum crypto crypto_name_text(const char *text, struct buf *to);

/* Appends the part within CRYPTO_WRAPPED content.  False when it cannot. */
bool crypto_unwrap(const struct buf *content, struct buf *to);

#endif
