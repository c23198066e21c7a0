/*
 * received.h - one Received field taken apart.
 *
 * RFC 5321 4.4 has a grammar for it that few programs keep: what a server
 * knows of its client stands in comments, in a form of each program's own.
 * Read are those of Postfix, Exim, qmail, sendmail, Sun, Exchange, Google and
 * ours; of others what the grammar gives.
 */
#ifndef MAILDIR_RECEIVED_H
#define MAILDIR_RECEIVED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum received_format {
	RECEIVED_OTHER,
	RECEIVED_POSTLAB,
	RECEIVED_POSTFIX,
	RECEIVED_EXIM,
	RECEIVED_QMAIL,
	RECEIVED_SENDMAIL,
	RECEIVED_SUN,
	RECEIVED_EXCHANGE,
	RECEIVED_GOOGLE,
};

/*
 * Strings are one line, UTF-8, harmless for a terminal, and "" where the field
 * does not say.
 */
struct received {
	enum received_format format;
	char *helo;     /* what the client called itself */
	char *name;     /* what DNS calls its address */
	char *address;  /* 192.0.2.1, 2001:db8::1: seen by the server itself */
	char *ident;    /* RFC 1413's answer, or the local user */
	char *login;    /* who has authenticated */
	char *by;       /* the server that wrote the field */
	char *software; /* "Postfix", "Exim 4.96", "8.13.8/8.13.8" */
	char *via;
	char *with; /* "ESMTPS", "Microsoft SMTP Server" */
	char *tls;  /* "TLSv1.3 TLS_AES_256_GCM_SHA384" */
	char *id;
	char *recipient; /* without <> */
	char *sender;    /* of the envelope, without <> */
	bool encrypted;  /* by TLS, or by what WITH is called */
	bool forged;     /* "may be forged": name and address disagree */
	bool has_date;
	int64_t date; /* seconds since 1970 */
};

/* Reads the VALUE of a field, raw, with its folds.  Never fails. */
void received_parse(const char *value, size_t size, struct received *out);
void received_clear(struct received *received);

/* "Postfix", "qmail", "Google"; "" for RECEIVED_OTHER. */
const char *received_format_name(enum received_format format);

/*
 * Whether ADDRESS is of a network that is nobody's but its own (RFC 1918,
 * 4193, 6598, loopback, link-local).
 */
bool received_is_private(const char *address);

#endif
