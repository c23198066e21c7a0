/*
 * conn.h - a line-oriented connection to one peer, in clear or over TLS.
 *
 * Protocol code meets its peer only through a struct conn; it never sees the
 * descriptor or the GnuTLS session, so STARTTLS changes nothing above.
 *
 * Calls block, for at most the timeout (each wait for the peer) and never past
 * the deadline.  Errors are sticky: after the first every read says CONN_END;
 * callers check what they read and nothing else.  Writing goes on after the
 * end of the input, a timeout or the order to stop, so that a session can say
 * why it leaves; after a failed write it is ignored.
 *
 * Output is buffered and leaves when a read would have to wait, or when more
 * than 16 KiB have gathered.  That alone answers a pipelined burst with one
 * packet.  A TCP descriptor gets TCP_NODELAY.
 *
 * When TLS ends, the connection ends (CVE-2026-45185): never plaintext again.
 */
#ifndef COMMON_CONN_H
#define COMMON_CONN_H

#include "common/mem.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct conn;
struct buf;

enum conn_read {
	CONN_LINE, /* one line, without its line end */
	CONN_LONG, /* longer than SIZE - 1: LINE has its begin, the rest is lost
		    */
	CONN_BAD,  /* a NUL, a stray CR or (strict) a bare LF in it; skipped */
	CONN_END,  /* closed, timed out or broken: see conn_error() */
};

/* Takes over FD.  Never fails: trouble shows at the first read. */
struct conn *conn_open(int fd, int timeout_seconds);

/* Seconds for each single wait, from now on. */
void conn_set_timeout(struct conn *conn, int seconds);

/* Everything must be over in so many seconds from now; 0: no deadline. */
void conn_set_deadline(struct conn *conn, int seconds);

/*
 * Everything up to conn_relax() must be over within two timeouts and so many
 * SECONDS, or by the deadline there is, which is returned: a peer that sends a
 * byte now and then, or without end, never lets a single wait time out.
 */
int64_t conn_hurry(struct conn *conn, int64_t seconds);

/* Puts back what conn_hurry() has returned. */
void conn_relax(struct conn *conn, int64_t deadline);

/*
 * Lenient lines (classroom): a bare LF or CR NUL ends a line, telnet IAC
 * sequences are skipped, and backspace and DEL rub out (RFC 854 NVT, PuTTY).
 */
void conn_set_lenient(struct conn *conn, bool lenient);

/*
 * While *STOP is not 0, a conn_getline() that would have to wait for a new
 * line says CONN_END instead, and conn_error() "shutting down".  SIGTERM must
 * be blocked except inside the wait (ppoll), so that it cannot be missed.
 */
void conn_set_stop(struct conn *conn, const volatile sig_atomic_t *stop);

/*
 * From now on *STOP ends any wait, also within a line, a handshake or a write:
 * for a client whose person has thought better of it.
 */
void conn_stop_anywhere(struct conn *conn);

/*
 * Reads the next line into LINE, as a string of less than SIZE bytes.  A line
 * ends with CRLF.  A strict one with a bare LF is answered at that LF, so that
 * nobody hangs who sends LF alone; what follows up to the CRLF is bad too, so
 * that no command can hide behind it.
 */
enum conn_read conn_getline(struct conn *conn, char *line, size_t size);

/*
 * What has arrived and was not consumed: at least one byte, waiting for it if
 * need be.  Returns the count and the place in *DATA, valid until the next
 * call; 0 at the end.  conn_consume() takes COUNT of them off.
 */
size_t conn_peek(struct conn *conn, const char **data);
void conn_consume(struct conn *conn, size_t count);

/* Input that is here already and not consumed (a pipelined command). */
size_t conn_pending(const struct conn *conn);

/* Whether nothing has come that was not consumed, nor the end. */
bool conn_is_quiet(const struct conn *conn);

/* Appends to the output.  conn_putline adds the CRLF. */
void conn_write(struct conn *conn, const void *data, size_t size);
void conn_putline(struct conn *conn, const char *fmt, ...) PRINTF(2, 3);

/* Sends what is buffered now.  0, or -1 when the connection is broken. */
int conn_flush(struct conn *conn);

/* Why the connection is unusable, or NULL while it is fine. */
const char *conn_error(const struct conn *conn);

/*
 * Sees every byte in clear as it passes: '>' to the peer, '<' from it.  For
 * evidence and the mua's wire view.  At most one; NULL takes it off.
 */
void conn_set_tap(struct conn *conn,
    void (*tap)(void *arg, char direction, const char *data, size_t size),
    void *arg);

/* How input was taken, for conn_set_watch(). */
enum conn_taken {
	TAKEN_LINE,    /* a line of conn_getline() */
	TAKEN_LOOSE,   /* one that did not end with CRLF (lenient) */
	TAKEN_LONG,    /* CONN_LONG: its begin */
	TAKEN_BAD,     /* CONN_BAD: without what makes it bad */
	TAKEN_CUT,     /* the begin of one, behind which the input ended */
	TAKEN_TEXT,    /* bytes of conn_consume() */
	TAKEN_DROPPED, /* bytes that were there when TLS began: thrown away */
};

/*
 * Told of all input at the moment it is taken, in its order: as the session
 * understood it, while a tap sees bytes as they came.  For evidence.  At most
 * one; NULL takes it off.
 */
void conn_set_watch(struct conn *conn,
    void (
	*watch)(void *arg, enum conn_taken how, const char *data, size_t size),
    void *arg);

/* Output in the buffer: a tap sees it later. */
size_t conn_unsent(const struct conn *conn);

/*
 * For handing the connection to another process (pop3d's login): appends the
 * input not consumed to REST, sends buffered output and returns the descriptor,
 * which is the caller's now.  CONN is at its end; close it as usual.  Only
 * without TLS.
 */
int conn_release(struct conn *conn, struct buf *rest);

/* Input that was read before: seen by the first reads.  For a hand-over. */
void conn_unread(struct conn *conn, const char *data, size_t size);

/*
 * Copies bytes both ways between CONN and the socket FD, until FD ends, nothing
 * moved for the timeout, or CONN did not take a block of output within it.  The
 * deadline is the relay's own.  When CONN ends, FD is shut down for writing and
 * its last answers still go back.  FD stays the caller's.
 */
void conn_relay(struct conn *conn, int fd);

/* The descriptor, for getpeername() and the like; not for I/O.  -1: released.
 */
int conn_fd(const struct conn *conn);

/* Sends what is buffered, ends TLS, closes the descriptor, frees.  NULL ok. */
void conn_close(struct conn *conn);

#endif
