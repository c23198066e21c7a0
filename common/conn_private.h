/*
 * conn_private.h - the inside of struct conn, for conn*.c and tls.c alone.
 *
 * Bytes move by conn_move_in() and conn_move_out(), the one place that knows
 * whether there is TLS.
 */
#ifndef COMMON_CONN_PRIVATE_H
#define COMMON_CONN_PRIVATE_H

#include "common/buf.h"
#include "common/conn.h"

#include <gnutls/gnutls.h>
#include <stdint.h>

enum {
	CONN_INPUT_SIZE = 8192,
	CONN_OUTPUT_SIZE = 16384, /* also the largest TLS record */
};

struct tls_dane;

struct conn {
	int fd; /* -1 once released */
	bool is_socket;
	bool lenient;
	bool after_enter; /* lenient: the last line ended with CR NUL */
	bool tainted;     /* strict: the line went on behind a bare LF */
	bool broken;      /* writing makes no sense either */
	char error[200];  /* "" while it is fine */
	int64_t timeout;  /* milliseconds */
	int64_t deadline; /* CLOCK_MONOTONIC milliseconds, 0 for none */
	const volatile sig_atomic_t *stop;
	sigset_t wait_mask; /* with SIGTERM let through, when stop is set */
	bool stops_anywhere;

	/* Not consumed: input[start..end).  Allocated at the first read. */
	char *input;
	size_t start;
	size_t end;
	size_t room;
	struct buf output;

	gnutls_session_t tls; /* NULL in clear */
	bool tls_handshake;   /* what GnuTLS writes is gathered in output */
	bool tls_cut;         /* the other side closed without a goodbye */
	bool roomy;           /* memory of the handshake is not given back */
	char *tls_text;       /* tls_describe() */
	const struct tls_dane *tls_dane; /* during the handshake */

	void (*tap)(void *arg, char direction, const char *data, size_t size);
	void *tap_arg;
	void (*watch)(void *arg, enum conn_taken how, const char *data,
	    size_t size);
	void *watch_arg;
};

/* Tells conn_set_watch(), if there is one. */
void conn_tell(struct conn *conn, enum conn_taken how, const char *data,
    size_t size);

/* Milliseconds of CLOCK_MONOTONIC. */
int64_t conn_now(void);

/* Why no more can be read; only the first reason is kept. */
void conn_end(struct conn *conn, const char *fmt, ...) PRINTF(2, 3);

/* The same when nothing can be written either; returns -1. */
int conn_break(struct conn *conn, const char *fmt, ...) PRINTF(2, 3);

/*
 * A TLS handshake needs 60 KB more than the session behind it.  They are given
 * back when the client lets us wait, and not at once: a short session never
 * pays for it.  conn_first_wait() is how long to wait, of LEFT milliseconds;
 * if that was in vain conn_settle() gives them back, and says whether it did.
 */
int64_t conn_first_wait(const struct conn *conn, int64_t left);
bool conn_settle(struct conn *conn);

/*
 * Waits until the descriptor is ready for EVENTS of poll(2), within timeout
 * and deadline.  STOPPABLE, or conn_stop_anywhere(): conn_set_stop() applies.
 * 0, or -1 and conn_end().
 */
int conn_wait(struct conn *conn, short events, bool stoppable);

/*
 * Sends the output, waits for input and puts what came into the buffer, which
 * must be empty.  Returns how much, 0 at the end.
 */
size_t conn_fill(struct conn *conn, bool stoppable);

/* Drops what was read and not consumed.  Returns how much that was. */
size_t conn_drop_input(struct conn *conn);

/*
 * Moves bytes between the buffers and the peer without waiting.  Return how
 * many; -1 when it would have to wait or when the connection has ended: then
 * conn_error() says so.
 */
ssize_t conn_move_in(struct conn *conn);
ssize_t conn_move_out(struct conn *conn);

/* The descriptor without TLS, not waiting: as read(2) and write(2). */
ssize_t conn_raw_read(struct conn *conn, void *data, size_t size);
ssize_t conn_raw_write(struct conn *conn, const void *data, size_t size);

/* Through TLS, as conn_move_in() and conn_move_out(). */
ssize_t tls_read(struct conn *conn, void *data, size_t size);
ssize_t tls_write(struct conn *conn, const void *data, size_t size);

/* Decrypted bytes that GnuTLS holds. */
size_t tls_pending(const struct conn *conn);

/* Says close_notify if that is still possible and frees the session. */
void tls_end(struct conn *conn);

#endif
