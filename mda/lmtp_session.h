/*
 * lmtp_session.h - what the commands of one LMTP session share.
 */
#ifndef MDA_LMTP_SESSION_H
#define MDA_LMTP_SESSION_H

#include "common/reply.h"
#include "mda/lmtp_envelope.h"
#include "mda/parcel.h"

#include <stdint.h>

struct config;
struct conn;
struct data_reader;

enum state {
	FRESH = 1 << 0,  /* connected, not yet greeted */
	READY = 1 << 1,  /* greeted, no transaction */
	SENDER = 1 << 2, /* MAIL accepted */
	RCPTS = 1 << 3,  /* at least one RCPT accepted */
	CHUNKS = 1 << 4, /* at least one BDAT accepted */
	DONE = 1 << 5,   /* QUIT given, or given up */
};
#define ANY (FRESH | READY | SENDER | RCPTS | CHUNKS)

struct session {
	struct conn *conn;
	const struct config *config;
	enum state state;
	int errors;
	int patience;    /* seconds for the next line */
	size_t answered; /* recipients, after the final dot */
	struct lmtp_envelope envelope;
	struct parcel parcel;
	struct data_reader *reader; /* of BDAT's chunks; NULL before */
};

/* What SIZE announces: octets, 0 for no limit. */
int64_t lmtp_size_limit(const struct session *s);

/* Ends the transaction. */
void lmtp_reset(struct session *s);

/* The commands of lmtp_data.c. */
struct reply lmtp_data(struct session *s, const char *argument);
struct reply lmtp_bdat(struct session *s, const char *argument);

#endif
