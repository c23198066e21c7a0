/*
 * check_tls_peers.c - certificates, servers and raw clients for the TLS tests.
 */
#include "tests/check_tls_peers.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "admin/cert.h"
#include "common/conn.h"
#include "common/tls.h"

static char folder[32];
struct tls_context *tls_test_context;

char *
tls_test_file(const char *name)
{
	return xasprintf("%s/%s", folder, name);
}

/* One set of certificates for all tests of this file. */
void
tls_test_setup(void)
{
	strcpy(folder, "/tmp/check_tls.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(cert_make_all(folder, "mail.campus.example"), 0);
	tls_test_context = tls_server_context(folder);
	ck_assert_ptr_nonnull(tls_test_context);
}

void
tls_test_teardown(void)
{
	static const char *const names[] = { "ca.pem", "ca.key",
		"server-ecdsa.pem", "server-ecdsa.key", "server-rsa.pem",
		"server-rsa.key" };

	for (size_t i = 0; i < COUNT(names); i++) {
		char *name = tls_test_file(names[i]);

		unlink(name);
		free(name);
	}
	rmdir(folder);
	tls_context_free(tls_test_context);
}

/* Starts SERVE on one end of a socket pair; returns the other. */
int
tls_test_serve(void (*serve)(struct conn *conn), pid_t *pid_out)
{
	int ends[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	*pid_out = fork();
	if (*pid_out == 0) {
		struct conn *conn = conn_open(ends[1], 30);

		close(ends[0]);
		serve(conn);
		conn_close(conn);
		_exit(0);
	}
	close(ends[1]);
	return ends[0];
}

void
ck_server_was_content(pid_t pid)
{
	int status;

	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}

void
raw_open(struct raw *raw, int fd, const char *priorities)
{
	raw_open_with(raw, fd, priorities, 0);
}

void
raw_open_with(struct raw *raw, int fd, const char *priorities, unsigned flags)
{
	raw->fd = fd;
	gnutls_certificate_allocate_credentials(&raw->credentials);
	gnutls_init(&raw->tls, GNUTLS_CLIENT | flags);
	gnutls_transport_set_int(raw->tls, fd);
	gnutls_credentials_set(raw->tls, GNUTLS_CRD_CERTIFICATE,
	    raw->credentials);
	ck_assert_int_eq(gnutls_priority_set_direct(raw->tls, priorities, NULL),
	    0);
}

int
raw_handshake(struct raw *raw)
{
	int rc;

	do {
		rc = gnutls_handshake(raw->tls);
	} while (rc < 0 && !gnutls_error_is_fatal(rc));
	return rc;
}

ssize_t
raw_receive(struct raw *raw, char *data, size_t size)
{
	ssize_t n;

	do {
		n = gnutls_record_recv(raw->tls, data, size);
	} while (n == GNUTLS_E_AGAIN);
	return n;
}

void
raw_close(struct raw *raw)
{
	gnutls_deinit(raw->tls);
	gnutls_certificate_free_credentials(raw->credentials);
	close(raw->fd);
}
