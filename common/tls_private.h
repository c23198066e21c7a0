/*
 * tls_private.h - the inside of struct tls_context, for tls*.c alone.
 */
#ifndef COMMON_TLS_PRIVATE_H
#define COMMON_TLS_PRIVATE_H

#include "common/tls.h"

#include <gnutls/gnutls.h>

struct tls_context {
	bool server;
	gnutls_certificate_credentials_t credentials;
	gnutls_priority_t priority;
	gnutls_datum_t ticket_key;
};

/* Before the handshake: if there is a key log, this session goes into it. */
void tls_keylog_attach(gnutls_session_t session);

#endif
