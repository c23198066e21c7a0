/* front.c - a client before its login. */
#include "pop3d/front.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "common/auth.h"
#include "common/conn.h"
#include "common/explain.h"
#include "common/log.h"
#include "common/tls.h"
#include "common/transcript.h"
#include "pop3d/session.h"

enum {
	HANDSHAKE_SECONDS = 60,
	MEMORY = 512 * 1024 * 1024,
};

static const struct sandbox_path no_paths[] = { { NULL, 0, NULL } };

const struct sandbox front_sandbox = {
	.role = "worker",
	.paths = no_paths,
	/* The auth helper; who forks them is in it as well. */
	.calls = SB_CALL_LITTLE | SB_CALL_UNIX | SB_CALL_BEAR,
	.memory = MEMORY,
	.files = SANDBOX_FILES_TO_PASS, /* its client */
};

/* TLS from the first byte, on the port for it.  0, or -1. */
static int
begin_tls(struct conn *conn, const struct peer *peer)
{
	if (server_tls() == NULL)
		return log_failure("no certificate for a TLS port");
	conn_set_deadline(conn, HANDSHAKE_SECONDS);
	if (tls_accept(conn, server_tls(), NULL) == 0)
		return 0;
	log_event(LOG_INFO, "tls-failed", "peer=%s why=%s", peer->address,
	    log_safe(conn_error(conn)));
	return -1;
}

/* A person at a keyboard needs more time than a program. */
static int
login_seconds(const struct config *config, const struct listener *listener)
{
	return listener->leniency == CLASSROOM &&
		config->pop3d_timeout > config->pop3d_login_timeout
	    ? config->pop3d_timeout
	    : config->pop3d_login_timeout;
}

/*
 * RFC 1939 7: with APOP the greeting ends with a msg-id that is different each
 * time; the pid and the clock, and what nobody can guess.
 */
static void
greet(struct session *session)
{
	struct timespec now;
	uint64_t random;

	if (auth_offers_apop(session->config)) {
		clock_gettime(CLOCK_REALTIME, &now);
		if (getrandom(&random, sizeof(random), 0) != sizeof(random))
			panic("no random bytes");
		(void)snprintf(session->stamp, sizeof(session->stamp),
		    "<%d.%lld.%016" PRIx64 "@%s>", (int)getpid(),
		    (long long)now.tv_sec, random, session->config->hostname);
	}
	conn_putline(session->conn, "+OK POP3 server ready%s%s",
	    session->stamp[0] == '\0' ? "" : " ", session->stamp);
}

enum served
front_serve(const struct config *config, struct conn *conn,
    const struct listener *listener, const struct peer *peer)
{
	struct session session = {
		.config = config,
		.conn = conn,
		.peer = peer->address,
		.state = AUTHORIZATION,
		.cleartext =
		    listener->cleartext && listener->tls != TLS_REQUIRED,
		.needs_tls = listener->tls == TLS_REQUIRED,
		.login_seconds = login_seconds(config, listener),
		.lenient = listener->leniency == CLASSROOM,
		.capabilities = listener->capabilities,
		.explain = listener->explain,
		.offers_tls = (listener->tls == TLS_STARTTLS ||
				  listener->tls == TLS_REQUIRED) &&
		    config_lists(listener->capabilities, "STLS") &&
		    server_tls() != NULL,
	};

	conn_set_timeout(conn, config->pop3d_timeout);
	session_expect_login(&session);
	/* The client before this one may have chosen another. */
	if (session.explain)
		explain_speak(config->language);
	if (listener->tls == TLS_IMPLICIT) {
		if (begin_tls(conn, peer) == -1)
			return SERVED_REUSE;
		session.tls = true;
	}
	session.transcript = transcript_begin(conn,
	    &(struct transcript_start){ "pop3d", listener, peer, "", "" });
	conn_set_lenient(conn, session.lenient);
	greet(&session);
	pop3_run(&session);
	if (session.farewell != NULL)
		log_event(LOG_INFO, "session-end", "peer=%s why=%s",
		    peer->address, log_safe(session.farewell));
	transcript_end(session.transcript,
	    session.farewell == NULL ? "lost" : session.farewell);
	/* Its password was in this memory. */
	return session.saw_password ? SERVED_EXIT : SERVED_REUSE;
}
