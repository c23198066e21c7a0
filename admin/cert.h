/*
 * cert.h - the certificates of a fresh state folder, self-made by GnuTLS.
 *
 * A private CA (ECDSA P-256, ten years) signs two server certificates, ECDSA
 * P-256 and RSA 2048, so that every client finds one it can use.  Clients that
 * are given ca.pem can verify the server for its host name, and on the machine
 * itself as localhost, 127.0.0.1 and ::1.
 */
#ifndef ADMIN_CERT_H
#define ADMIN_CERT_H

/*
 * Makes ca.pem, ca.key, server-ecdsa.pem, .key, server-rsa.pem and .key in the
 * folder DIR, which must exist; keys with mode 0600; all durable.  The server
 * files hold the certificate and, behind it, the CA's.  Existing files are
 * never overwritten.  0, or -1 (logged).
 */
int cert_make_all(const char *dir, const char *hostname);

/*
 * Makes the server certificates in DIR anew, with new keys, signed by the CA
 * there; each file is replaced at once.  One that another authority has signed
 * is left to it: then, and when the CA is of no use any more, -1 with a
 * sentence in *WHY; -1 and NULL there when something failed (logged).
 */
int cert_renew(const char *dir, const char *hostname, const char **why);

#endif
