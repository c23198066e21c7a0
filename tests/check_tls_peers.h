/*
 * check_tls_peers.h - certificates, servers and raw clients for the TLS tests.
 *
 * A server runs in a child; its exit status is part of the test.
 */
#ifndef TESTS_CHECK_TLS_PEERS_H
#define TESTS_CHECK_TLS_PEERS_H

#include <gnutls/gnutls.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

struct conn;

/* Unchecked fixtures: one set of certificates for mail.campus.example. */
void tls_test_setup(void);
void tls_test_teardown(void);
extern struct tls_context *tls_test_context;

/* The path of one of its files; free() it. */
char *tls_test_file(const char *name);

/* Runs SERVE in a child on one end of a socket pair; returns the other. */
int tls_test_serve(void (*serve)(struct conn *conn), pid_t *pid_out);

/* In a server: what has to be true. */
#define EXPECT(what)                                                           \
	do {                                                                   \
		if (!(what))                                                   \
			_exit(1);                                              \
	} while (0)

/* Waits for the server; fails when it met something else than expected. */
void ck_server_was_content(pid_t pid);

/* A client of raw GnuTLS calls on FD. */
struct raw {
	gnutls_session_t tls;
	gnutls_certificate_credentials_t credentials;
	int fd;
};
void raw_open(struct raw *raw, int fd, const char *priorities);
void raw_open_with(struct raw *raw, int fd, const char *priorities,
    unsigned flags); /* of gnutls_init(3) */
int raw_handshake(struct raw *raw);

/* Receives one record, whatever GnuTLS has to do before it. */
ssize_t raw_receive(struct raw *raw, char *data, size_t size);
void raw_close(struct raw *raw);

#endif
