/*
 * tls.c - GnuTLS below a struct conn.
 *
 * GnuTLS reads and writes through conn_raw_read() and conn_raw_write(), which
 * never wait; the waiting, with its timeout and deadline, stays in conn.c.
 * While the handshake runs, what GnuTLS writes is gathered and leaves when it
 * wants to read: a flight of messages, and the session tickets of TLS 1.3, are
 * one packet each.
 */
#include "common/tls.h"

#include "common/conn_private.h"
#include "common/tls_dane.h"
#include "common/tls_private.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>

#include "common/log.h"

/* Sends what the handshake has gathered.  0, or -1 with errno. */
static int
push_gathered(struct conn *conn)
{
	while (conn->output.size > 0) {
		ssize_t n =
		    conn_raw_write(conn, conn->output.data, conn->output.size);

		if (n == -1)
			return -1;
		buf_drop(&conn->output, (size_t)n);
	}
	return 0;
}

static ssize_t
pull(gnutls_transport_ptr_t arg, void *data, size_t size)
{
	struct conn *conn = arg;
	ssize_t n = -1;

	if (!conn->tls_handshake || push_gathered(conn) == 0)
		n = conn_raw_read(conn, data, size);
	if (n == -1)
		gnutls_transport_set_errno(conn->tls, errno);
	return n;
}

static ssize_t
push(gnutls_transport_ptr_t arg, const void *data, size_t size)
{
	struct conn *conn = arg;
	ssize_t n = (ssize_t)size;

	if (conn->tls_handshake)
		buf_add(&conn->output, data, size);
	else
		n = conn_raw_write(conn, data, size);
	if (n == -1)
		gnutls_transport_set_errno(conn->tls, errno);
	return n;
}

/* Says why the handshake failed; returns -1. */
static int
handshake_failure(struct conn *conn, int rc)
{
	gnutls_datum_t text = { NULL, 0 };

	if (rc == GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR) {
		unsigned status =
		    gnutls_session_get_verify_cert_status(conn->tls);

		gnutls_certificate_verification_status_print(status,
		    gnutls_certificate_type_get(conn->tls), &text, 0);
		conn_break(conn, "TLS: %s",
		    text.data == NULL ? "" : (const char *)text.data);
		gnutls_free(text.data);
		return -1;
	}
	if (rc == GNUTLS_E_FATAL_ALERT_RECEIVED)
		return conn_break(conn, "TLS: the other side says: %s",
		    gnutls_alert_get_name(gnutls_alert_get(conn->tls)));
	return conn_break(conn, "TLS: %s", gnutls_strerror(rc));
}

static void
describe(struct conn *conn)
{
	gnutls_session_t tls = conn->tls;
	const char *suite = gnutls_ciphersuite_get(tls);
	size_t bits = 8 * gnutls_cipher_get_key_size(gnutls_cipher_get(tls));

	conn->tls_text = xasprintf("%s with cipher %s (%zu/%zu bits)",
	    gnutls_protocol_get_name(gnutls_protocol_get_version(tls)),
	    suite == NULL ? "unknown" : suite, bits, bits);
}

/* Drives gnutls_handshake() to its end.  0 or a GnuTLS error. */
static int
drive(struct conn *conn)
{
	int rc;

	do {
		rc = gnutls_handshake(conn->tls);
		if (rc != GNUTLS_E_AGAIN)
			continue;
		if (conn_wait(conn, conn->output.size > 0 ? POLLOUT : POLLIN,
			false) == -1)
			return rc;
	} while (rc < 0 && !gnutls_error_is_fatal(rc));
	if (rc < 0)
		gnutls_alert_send_appropriate(conn->tls, rc);
	while (
	    push_gathered(conn) == -1 && (errno == EAGAIN || errno == EINTR)) {
		if (conn_wait(conn, POLLOUT, false) == -1)
			return GNUTLS_E_AGAIN;
	}
	return rc;
}

/*
 * The last word of a TLS 1.3 handshake is the client's, and it gets no answer:
 * our tickets went out before it.  A client whose socket has Nagle's algorithm
 * holds its next command back until that word is acknowledged, which the kernel
 * does 40 ms late unless it is told.
 */
static void
acknowledge_now(const struct conn *conn)
{
	const int on = 1;

	(void)setsockopt(conn->fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
}

/* The whole handshake has to be over within one timeout. */
static int
handshake(struct conn *conn)
{
	int64_t deadline = conn->deadline;
	int64_t limit = conn_now() + conn->timeout;

	if (deadline == 0 || limit < deadline)
		conn->deadline = limit;
	conn->tls_handshake = true;
	int rc = drive(conn);
	conn->tls_handshake = false;
	conn->deadline = deadline;
	buf_clear(&conn->output);
	if (rc < 0)
		return handshake_failure(conn, rc);
	describe(conn);
	acknowledge_now(conn);
	conn->roomy = true;
	return 0;
}

/* Makes the session and puts it below CONN.  0, or -1. */
static int
begin(struct conn *conn, struct tls_context *context)
{
	unsigned role = context->server ? GNUTLS_SERVER : GNUTLS_CLIENT;

	if (conn->tls != NULL)
		panic("TLS within TLS");
	if (conn_flush(conn) == -1)
		return -1;
	int rc = gnutls_init(&conn->tls, role | GNUTLS_NONBLOCK);
	if (rc < 0) {
		conn->tls = NULL;
		return conn_break(conn, "TLS: %s", gnutls_strerror(rc));
	}
	gnutls_priority_set(conn->tls, context->priority);
	gnutls_credentials_set(conn->tls, GNUTLS_CRD_CERTIFICATE,
	    context->credentials);
	tls_keylog_attach(conn->tls);
	gnutls_transport_set_ptr(conn->tls, conn);
	gnutls_transport_set_pull_function(conn->tls, pull);
	gnutls_transport_set_push_function(conn->tls, push);
	return 0;
}

int
tls_accept(struct conn *conn, struct tls_context *context, size_t *dropped)
{
	size_t count;

	if (conn->start < conn->end)
		conn_tell(conn, TAKEN_DROPPED, conn->input + conn->start,
		    conn->end - conn->start);
	count = conn_drop_input(conn);

	if (dropped != NULL)
		*dropped = count;
	if (begin(conn, context) == -1)
		return -1;
	gnutls_session_ticket_enable_server(conn->tls, &context->ticket_key);
	return handshake(conn);
}

static bool
is_ip(const char *host)
{
	unsigned char address[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, host, address) == 1 ||
	    inet_pton(AF_INET6, host, address) == 1;
}

/* GnuTLS shows the certificates in the midst of the handshake. */
static int
check_dane(gnutls_session_t session)
{
	struct conn *conn = gnutls_session_get_ptr(session);

	if (tls_dane_verify(session, conn->tls_dane))
		return 0;
	conn_end(conn, "TLS: the certificate is not what TLSA records say");
	return GNUTLS_E_CERTIFICATE_ERROR;
}

static int
begin_client(struct conn *conn, struct tls_context *context, const char *host)
{
	/* An answer sent ahead in clear would be taken for a protected one. */
	if (conn_drop_input(conn) > 0)
		return conn_break(conn, "TLS: plaintext before the handshake");
	if (begin(conn, context) == -1)
		return -1;
	if (!is_ip(host))
		gnutls_server_name_set(conn->tls, GNUTLS_NAME_DNS, host,
		    strlen(host));
	return 0;
}

int
tls_connect(struct conn *conn, struct tls_context *context, const char *host,
    bool verify)
{
	if (begin_client(conn, context, host) == -1)
		return -1;
	if (verify)
		gnutls_session_set_verify_cert(conn->tls, host, 0);
	return handshake(conn);
}

int
tls_connect_dane(struct conn *conn, struct tls_context *context,
    const char *host, const struct tls_dane *dane)
{
	int rc;

	if (begin_client(conn, context, host) == -1)
		return -1;
	conn->tls_dane = dane;
	gnutls_session_set_ptr(conn->tls, conn);
	gnutls_session_set_verify_function(conn->tls, check_dane);
	rc = handshake(conn);
	conn->tls_dane = NULL;
	return rc;
}

const char *
tls_describe(const struct conn *conn)
{
	return conn->tls_text;
}

ssize_t
tls_read(struct conn *conn, void *data, size_t size)
{
	ssize_t n = gnutls_record_recv(conn->tls, data, size);

	if (n > 0)
		return n;
	if (n == 0)
		conn_end(conn, "closed by the other side");
	else if (n == GNUTLS_E_PREMATURE_TERMINATION) {
		conn_end(conn, "closed in the middle of TLS");
		conn->tls_cut = true;
	} else if (n == GNUTLS_E_REHANDSHAKE)
		conn_break(conn, "TLS: renegotiation is not done here");
	else if (gnutls_error_is_fatal((int)n))
		conn_break(conn, "TLS: %s", gnutls_strerror((int)n));
	return -1;
}

ssize_t
tls_write(struct conn *conn, const void *data, size_t size)
{
	ssize_t n = gnutls_record_send(conn->tls, data, size);

	if (n < 0 && gnutls_error_is_fatal((int)n))
		conn_break(conn, "TLS: %s", gnutls_strerror((int)n));
	return n < 0 ? -1 : n;
}

size_t
tls_pending(const struct conn *conn)
{
	return conn->tls == NULL ? 0 : gnutls_record_check_pending(conn->tls);
}

void
tls_end(struct conn *conn)
{
	/* Who left without a goodbye hears none either. */
	if (!conn->broken && !conn->tls_cut)
		gnutls_bye(conn->tls, GNUTLS_SHUT_WR);
	gnutls_deinit(conn->tls);
	conn->tls = NULL;
}
