/*
 * transcript_wire.h - what a session and the evidence helper say: one SEQPACKET
 * datagram a record, a connection a session, nothing comes back.
 *
 * The first record of a connection is EVIDENCE_SESSION.  When the helper was
 * restarted the session connects again and says the same; the helper knows it
 * by its token, 128 random bits that no other process has, and goes on.
 *
 * Lines are numbered from 1 without a gap by who sends them, so a jump is what
 * was lost on the way.  Both sides are the same build, so a record begins with
 * a plain struct; the helper trusts nothing in it all the same.
 */
#ifndef COMMON_TRANSCRIPT_WIRE_H
#define COMMON_TRANSCRIPT_WIRE_H

#include <stdint.h>

enum {
	EVIDENCE_TOKEN = 16,
	EVIDENCE_DATA_MAX = 16384,
	/* Kept of one message's text, and of what is said about one command. */
	EVIDENCE_TEXT_MAX = 128 * 1024,
	/*
	 * Of a text in one datagram: it takes 8 KiB of kernel memory, of which
	 * a socket may have 208 KiB, so that the text of a message fits in even
	 * when the helper sleeps.
	 */
	EVIDENCE_PIECE = 7 * 1024,
};

enum evidence_kind {
	EVIDENCE_SESSION = 1, /* data: program, listener, address */
	EVIDENCE_STATE,       /* data: HELO name, login, TLS */
	EVIDENCE_LINE,        /* data: the line */
	EVIDENCE_TEXT,        /* data: the next bytes of a text */
	EVIDENCE_TEXT_END,
	EVIDENCE_MESSAGE, /* data: the queue id */
	EVIDENCE_END,     /* data: why it ended */
};

/* Whose line it is and what kind, by its letter in the table. */
enum evidence_line {
	LINE_COMMAND = 'C',
	LINE_AUTH = 'A', /* the client's, in the dialog of AUTH */
	LINE_SERVER = 'S',
};

enum evidence_flaw {
	FLAW_NONE,
	FLAW_LOOSE, /* it did not end with CRLF */
	FLAW_LONG,
	FLAW_BAD,
	FLAW_CUT,
	FLAW_DROPPED,
};

/* Before the data.  Several strings in it each end with NUL. */
struct evidence_head {
	uint32_t kind;
	/* LINE: its number.  TEXT, TEXT_END, MESSAGE: of the command's line.
	 * END: of the last line. */
	uint32_t number;
	int64_t at; /* milliseconds since 1970 */
	/* LINE */
	uint32_t answers; /* a command's number, 0 for none */
	uint32_t segment;
	uint8_t line;
	uint8_t flaw;
	uint8_t tls;
	/* SESSION */
	uint8_t secrets;
	int32_t port;
	int64_t uid;
	uint8_t token[EVIDENCE_TOKEN];
	/* TEXT: how many bytes stand before these.  TEXT_END: all there were.
	 */
	int64_t size;
};

#endif
