/*
 * tls.h - TLS 1.2 and 1.3 for a struct conn, by GnuTLS.
 *
 * A context is loaded once in the master, before the fork, and shared by all
 * workers copy-on-write.  Server contexts hold several certificates (ECDSA
 * P-256 and RSA 2048) and a key for session tickets.
 */
#ifndef COMMON_TLS_H
#define COMMON_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <time.h>

struct buf;
struct conn;
struct tls_context;
struct tls_dane;

/*
 * Loads DIR/server-ecdsa.pem, server-ecdsa.key, server-rsa.pem, server-rsa.key
 * (either pair may be missing, not both).  NULL when it cannot; it is logged.
 */
struct tls_context *tls_server_context(const char *dir);

/* The same; when it cannot, the sentence is put into WHY and not logged. */
struct tls_context *tls_server_context_why(const char *dir, struct buf *why);

/* When the first of its certificates is no longer valid. */
time_t tls_context_end(const struct tls_context *context);

/* What those files are at this moment; one that is missing is all zero. */
enum { TLS_FILES = 4 };
struct tls_stamp {
	struct {
		dev_t device;
		ino_t inode;
		off_t size;
		struct timespec changed;
	} files[TLS_FILES];
};
struct tls_stamp tls_server_stamp(const char *dir);

/* A client; verifies the peer against CA_FILE, or the system's when NULL. */
struct tls_context *tls_client_context(const char *ca_file);

void tls_context_free(struct tls_context *context);

/*
 * The handshake as server.  Plaintext that had arrived before it is dropped
 * (RFC 3207 4.2, STARTTLS injection); *dropped says how much, may be NULL.
 * Bounded by one timeout as a whole, and by the deadline.  0, or -1 with the
 * reason in conn_error(): then nothing more can be read or written.
 */
int tls_accept(struct conn *conn, struct tls_context *context, size_t *dropped);

/*
 * The handshake as client, with HOST as server name.  With VERIFY the
 * certificate must be valid for HOST, a name or an IP address.  Plaintext that
 * the server sent ahead is a failure.  0, or -1 (conn_error).
 */
int tls_connect(struct conn *conn, struct tls_context *context,
    const char *host, bool verify);

/*
 * The same, but the certificate must be what TLSA records say, which lives as
 * long as the call.
 */
int tls_connect_dane(struct conn *conn, struct tls_context *context,
    const char *host, const struct tls_dane *dane);

/*
 * "TLS1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)", NULL without
 * TLS.  Valid as long as CONN.
 */
const char *tls_describe(const struct conn *conn);

/*
 * From now on this process appends the secrets of its TLS sessions to FILE, in
 * NSS's key log format, with which Wireshark reads a capture.  For a class
 * alone.  0, or -1 (logged).
 */
int tls_keylog_open(const char *file);

#endif
