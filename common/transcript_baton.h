/*
 * transcript_baton.h - a transcript goes on in another process.
 *
 * pop3d's front hears a client until its login, the mailbox from then on, and
 * it is one session in the evidence.  The baton is what the second must know;
 * with it goes the descriptor of the line to the evidence helper, so that what
 * the first has said is heard first, and the second needs no right to connect.
 */
#ifndef COMMON_TRANSCRIPT_BATON_H
#define COMMON_TRANSCRIPT_BATON_H

#include "common/transcript_wire.h"

#include <stdbool.h>
#include <stdint.h>

struct conn;
struct transcript;
struct transcript_start;

enum { BATON_TLS_MAX = 128 };

/* Plain bytes: it crosses a socket. */
struct transcript_baton {
	bool masks;
	bool masked; /* something of the last line was */
	int64_t arrived;
	uint32_t reads;
	uint32_t writes;
	uint32_t line;
	uint32_t command;
	unsigned lost;           /* records */
	char tls[BATON_TLS_MAX]; /* of tls_describe(), which is not there */
};

/*
 * Ends TRANSCRIPT here.  Returns the descriptor, which is the caller's now, or
 * -1 when there is no line to the helper.  NULL is not allowed.
 */
int transcript_pass(struct transcript *transcript,
    struct transcript_baton *baton_out);

/*
 * Goes on with it on CONN.  Takes over FD.  When that line breaks the rest of
 * the session is not recorded.
 */
struct transcript *transcript_resume(struct conn *conn,
    const struct transcript_start *start, const struct transcript_baton *baton,
    int fd);

#endif
