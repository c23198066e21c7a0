/*
 * server_certificates.h - the certificates of a master; for server*.c alone.
 */
#ifndef COMMON_SERVER_CERTIFICATES_H
#define COMMON_SERVER_CERTIFICATES_H

#include "common/tls.h"

struct config;
struct master;
struct server;

/* Loaded, and not in use yet. */
struct certificates {
	struct tls_context *context; /* NULL: no listener has TLS */
	struct tls_stamp stamp;
};

/* Milliseconds between two looks at the files: a minute.  Tests are hasty. */
extern int certificates_period;

/* Loads what the listeners of CONFIG need.  0, or -1 (logged). */
int certificates_load(const struct server *server, const struct config *config,
    struct certificates *out);

/* From now on they are what server_tls() returns; the old ones are freed. */
void certificates_use(const struct certificates *certificates);

/* At the end. */
void certificates_clear(void);

/* The sooner of MILLISECONDS (-1: never) and the next look. */
int certificates_tick(int milliseconds);

/*
 * If it is time: takes certificates that have changed into use, for sessions
 * that begin from now on.
 */
void certificates_look(struct master *m);

#endif
