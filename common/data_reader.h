/*
 * data_reader.h - the text after DATA or BDAT: from the wire's form to ours.
 *
 * One machine for smtpd and mda.  It takes the bytes as they come, in pieces
 * of any size, and hands on the message with LF line ends and without the dots
 * that were stuffed (RFC 5321 4.5.2).  It is pure: no I/O but the sink's.
 *
 * Only CRLF . CRLF ends the text; nothing that resembles it does (SMTP
 * smuggling, CVE-2023-51764).  A NUL, a CR without LF and an LF without CR are
 * faults, never repaired: what two programs may read differently is not taken
 * at all.  After the first fault the sink is not called any more, but the text
 * is read to its end, so that the session stays in step and can go on.
 *
 * Chunks (BDAT, RFC 3030) have a size and neither an end nor stuffed dots; what
 * a line may hold is the same, so BINARYMIME is not for us.
 *
 * A client that ends its lines with LF alone will never send that end, and
 * waits for an answer.  A caller that hangs up then can set gives_up: LF . LF
 * leads to DATA_LOST, and nothing behind it is read, so nothing is smuggled.
 *
 *	struct data_reader reader;
 *
 *	data_reader_init(&reader, limit, sink, arg);
 *	if (!data_reader_run(&reader, conn))
 *		the client left in the middle;
 *	if (reader.fault != DATA_FINE)
 *		return data_reader_reply(&reader);
 */
#ifndef COMMON_DATA_READER_H
#define COMMON_DATA_READER_H

#include "common/reply.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct conn;

enum data_fault {
	DATA_FINE,
	DATA_NUL,       /* a NUL byte */
	DATA_BARE_CR,   /* a CR that no LF follows */
	DATA_BARE_LF,   /* an LF that no CR precedes */
	DATA_LONG_LINE, /* longer than line_limit */
	DATA_TOO_BIG,   /* more octets than the limit */
	DATA_SINK,      /* the sink returned -1: no room, most likely */
};

enum data_state {
	DATA_LINE_START, /* after CRLF, or at the very beginning */
	DATA_DOT,        /* after a dot at the start of a line */
	DATA_DOT_CR,     /* after dot CR there */
	DATA_TEXT,       /* within a line */
	DATA_CR,         /* after a CR within a line */
	DATA_END,        /* CRLF . CRLF was read */
	DATA_LOST,       /* LF . LF was, with gives_up: see above */
};

enum {
	DATA_OUT_SIZE = 4096,
	DATA_LINE_ADVISED = 998, /* without CRLF: RFC 5321 4.5.3.1.6 */
};

/* Set by data_reader_init(); the first group may be read at any time. */
struct data_reader {
	enum data_fault fault; /* the first one */
	int64_t fault_line;    /* where, from 1 */
	int64_t octets;        /* as RFC 1870 counts: CRLFs in, stuffing out */
	int64_t lines;         /* complete ones; octets - lines went out */
	int64_t long_lines;    /* longer than DATA_LINE_ADVISED */

	int64_t limit;      /* most octets, 0 for none */
	int64_t line_limit; /* most octets in a line without CRLF, 0 for none */
	bool gives_up;      /* DATA_LOST may happen: the caller hangs up */
	bool chunked;       /* a dot is a dot, and nothing ends it */
	enum data_state state;
	int64_t line_size;
	int (*sink)(void *arg, const char *data, size_t size);
	void *arg;
	char tail[2]; /* the last two bytes */
	size_t out_size;
	char out[DATA_OUT_SIZE]; /* what the sink has not seen yet */
};

/*
 * SINK gets the message in pieces, not a line at a time; it returns 0, or -1
 * when it can take no more (it logs why).  No limit on lines: set line_limit.
 */
void data_reader_init(struct data_reader *reader, int64_t limit,
    int (*sink)(void *arg, const char *data, size_t size), void *arg);

/*
 * Takes bytes from the wire.  Returns how many belong to the message: all of
 * SIZE, or fewer once the end was among them (data_reader_done); what follows
 * is the next command.  The sink has seen all of it when this returns.
 */
size_t data_reader_feed(struct data_reader *reader, const char *data,
    size_t size);

/* Whether CRLF . CRLF was read, or the end is lost. */
bool data_reader_done(const struct data_reader *reader);

/* Whether the end is lost: after the answer nothing more may be read. */
bool data_reader_lost(const struct data_reader *reader);

/* Feeds it from CONN until the end.  False when the connection ended first. */
bool data_reader_run(struct data_reader *reader, struct conn *conn);

/*
 * With chunked set: takes the next SIZE octets from CONN.  False when the
 * connection ended first.
 */
bool data_reader_run_chunk(struct data_reader *reader, struct conn *conn,
    int64_t size);

/*
 * The last chunk was taken.  A last line that was not ended gets its line end
 * (RFC 5322 2.1 knows no other), a CR at the end is a fault.
 */
void data_reader_end_chunks(struct data_reader *reader);

/*
 * The answer to a fault, in words that name the mistake and the line: 550
 * 5.5.2, 552 5.3.4, 554 5.6.0 or 452 4.3.1.  Code 0 without a fault.
 */
struct reply data_reader_reply(const struct data_reader *reader);

#endif
