/*
 * received_private.h - what the files of received share.
 */
#ifndef MAILDIR_RECEIVED_PRIVATE_H
#define MAILDIR_RECEIVED_PRIVATE_H

#include "common/buf.h"
#include "maildir/received.h"

#include <netinet/in.h>

enum { RECEIVED_ADDRESS_SIZE = INET6_ADDRSTRLEN };

enum received_key {
	KEY_NONE, /* before the first of them */
	KEY_FROM,
	KEY_BY,
	KEY_VIA,
	KEY_WITH,
	KEY_ID,
	KEY_FOR,
	KEY_TLS,
	KEY_SENDER,
};

/* A word, or what is between the parentheses of a comment. */
struct received_token {
	const char *text;
	size_t size;
	bool comment;
};

/* The next one at *AT, which moves behind it.  False at END. */
bool received_next(const char **at, const char *end,
    struct received_token *token_out);

/* Makes a copy of TEXT the FIELD, unless it has a value. */
void received_set(char **field, const char *text, size_t size);

/* Takes what the comment says that stands behind KEY and its value. */
void received_comment(struct received *r, enum received_key key,
    const char *text, size_t size);

/*
 * The first IP address in TEXT: bare or in [], with IPv6:, a port or a zone;
 * in ADDRESS as it is usually written.
 */
bool received_find_address(const char *text, size_t size,
    char address[RECEIVED_ADDRESS_SIZE]);

/* Whose field it is by what was found in it. */
enum received_format received_recognise(const struct received *r);

#endif
