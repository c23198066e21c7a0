/*
 * transcript_private.h - what transcript.c and transcript_baton.c share.
 */
#ifndef COMMON_TRANSCRIPT_PRIVATE_H
#define COMMON_TRANSCRIPT_PRIVATE_H

#include "common/buf.h"
#include "common/transcript.h"
#include "common/transcript_baton.h"
#include "common/transcript_mark.h"
#include "common/transcript_mask.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct transcript_link;

struct transcript {
	struct conn *conn;
	struct transcript_start start;
	struct transcript_link *link;
	bool masks;
	bool secret;
	struct mask mask;
	bool logged_in;          /* when the last line came */
	char tls[BATON_TLS_MAX]; /* in another process; "": ask the connection
				  */

	int64_t arrived; /* when the last read came */
	uint32_t reads;
	uint32_t writes;
	uint32_t line;    /* the number of the last */
	bool masked;      /* something of the client's last one was */
	uint32_t command; /* of the client's last line that is no AUTH's */
	int64_t text;     /* bytes of the text behind it */

	uint64_t sent; /* bytes of output, whole lines */
	struct buf output;
	uint32_t answered; /* what the lines before that answered */
	size_t answer;     /* how long that is by now */
	struct mark_list marks;

	struct buf state; /* as it was told last */
};

/* With nothing in it yet: its members, and the connection's ears. */
struct transcript *transcript_make(struct conn *conn,
    const struct transcript_start *start);
void transcript_listen(struct transcript *transcript);

/* What is written from here on answers the last line, or is AUTH's. */
void transcript_set_mark(struct transcript *transcript);

/* Sends the connection's output, hears no more, tells what is left to tell. */
void transcript_hush(struct transcript *transcript);

/* The link is not its any more. */
void transcript_free(struct transcript *transcript);

#endif
