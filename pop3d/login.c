/*
 * login.c - the AUTHORIZATION state: who are you?
 *
 * Whoever proved it is granted a mailbox process (server.h); this one, which
 * has read the network and can open no file, gives the client to it and ends.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/auth_dialog.h"
#include "common/conn.h"
#include "common/log.h"
#include "common/server.h"
#include "common/tls.h"
#include "common/transcript.h"
#include "pop3d/answer.h"
#include "pop3d/commands.h"
#include "pop3d/handover.h"

enum { FAILED_LOGINS_MAX = 5, APOP_DIGEST = 32 };

static struct auth_start
auth_start_of(const struct session *session)
{
	return (struct auth_start){
		.program = "pop3d",
		.service = "pop",
		.peer = session->peer,
		.tls = session->tls,
		.cleartext = session->cleartext,
	};
}

static struct reply
refuse_clear(struct session *session)
{
	return session->offers_tls
	    ? reply_err(session, "a password needs TLS here: give STLS first")
	    : reply_err(session,
		  "a password needs TLS here: use the port for it");
}

/* Whoever has failed so often here may try again elsewhere. */
static struct reply
refuse_login(struct session *session, bool blank_before_name)
{
	if (++session->failed_logins == FAILED_LOGINS_MAX) {
		session->state = DONE;
		session->farewell = "too many failed logins";
		return reply_err(session,
		    "[AUTH] too many failed logins, good bye");
	}
	if (blank_before_name)
		return reply_err(session,
		    "[AUTH] wrong user name or password (the name begins with "
		    "a blank)");
	return reply_err(session, "[AUTH] wrong user name or password");
}

/* What each way to fail is called (RFC 3206, RFC 5034 4). */
static struct reply
auth_refusal(struct session *session, enum auth_result result,
    bool blank_before_name)
{
	switch (result) {
	case AUTH_CANCELLED:
		return reply_err(session, "authentication cancelled");
	case AUTH_BAD_BASE64:
		return reply_err(session, "that is not base64");
	case AUTH_LINE_LONG:
		return reply_err(session, "that line is too long");
	case AUTH_MALFORMED:
		return reply_err(session,
		    "that is no response of this mechanism");
	case AUTH_UNKNOWN:
		return reply_err(session, "no such mechanism; CAPA lists them");
	case AUTH_WEAK:
		return refuse_clear(session);
	case AUTH_LATER:
		return reply_err(session,
		    "[SYS/TEMP] nobody can log in now, "
		    "try again later");
	case AUTH_TOO_MANY:
		return reply_err(session,
		    "[SYS/TEMP] too many failed logins from your "
		    "address, wait a minute");
	case AUTH_GONE:
		return reply_said();
	default:
		return refuse_login(session, blank_before_name);
	}
}

/* The password was right, and still there is no mailbox (RFC 2449 8.1). */
static struct reply
mailbox_refusal(struct session *session, enum mailbox_state state)
{
	switch (state) {
	case MAILBOX_IN_USE:
		return reply_err(session,
		    "[IN-USE] another session has your maildrop open, "
		    "end that one first");
	case MAILBOX_TOO_SOON:
		return reply_err(session,
		    "[LOGIN-DELAY] you have just been here, wait %d seconds "
		    "between two logins",
		    session->config->pop3d_login_delay);
	default:
		return reply_err(session,
		    "[SYS/TEMP] your mailbox cannot be opened now, "
		    "try again later");
	}
}

/* The login is granted: the client goes over to its mailbox, or stays here. */
static struct reply
enter_mailbox(struct session *session, struct auth *auth)
{
	struct handover handover = {
		.tls = session->tls,
		.cleartext = session->cleartext,
		.lenient = session->lenient,
		.language = session->language,
		.explain = session->explain,
		.evidence = -1,
	};
	enum mailbox_state state;
	int grant = auth_take_grant(auth);

	if (grant == -1)
		return auth_refusal(session, AUTH_LATER, false);
	state = handover_wait(grant);
	if (state != MAILBOX_READY) {
		close(grant);
		/* That took our time, not the client's. */
		session_expect_login(session);
		return mailbox_refusal(session, state);
	}
	server_doing("with %s from %s", auth_login(auth), session->peer);
	copy_string(handover.peer, sizeof(handover.peer), session->peer);
	copy_string(handover.capabilities, sizeof(handover.capabilities),
	    session->capabilities);
	if (session->transcript != NULL) {
		handover.recorded = true;
		handover.evidence =
		    transcript_pass(session->transcript, &handover.baton);
		session->transcript = NULL;
	}
	/* First: before its next session the master must know of it. */
	if (!handover.tls)
		server_leaves();
	handover_give(grant, &handover, session->conn,
	    session->config->pop3d_timeout);
	close(grant);
	session->farewell = NULL; /* the mailbox says how it ended */
	session->state = DONE;
	return reply_said();
}

struct reply
pop3_user(struct session *session, char *argument)
{
	if (!session->tls && !session->cleartext)
		return refuse_clear(session);
	if (*argument == '\0')
		return reply_err(session, "USER needs a name");
	/* Such a name would be logged, and it may be the password. */
	if (*argument != '"' && strpbrk(argument, " \t") != NULL)
		return reply_err(session,
		    "a name has no blank in it, and PASS comes by itself");
	if (!copy_string(session->user, sizeof(session->user), argument)) {
		session->user[0] = '\0';
		return reply_err(session, "that name is too long");
	}
	return reply_ok(session, "now the password, with PASS");
}

struct reply
pop3_pass(struct session *session, char *argument)
{
	struct auth_start start = auth_start_of(session);
	struct auth *auth;
	enum auth_result result;
	struct reply reply;

	session->saw_password = true;
	if (!session->tls && !session->cleartext)
		return refuse_clear(session);
	if (session->user[0] == '\0')
		return reply_err(session, "give USER first");

	/* All behind the blank is the password, blanks included. */
	result = auth_password(&start, session->user, argument, &auth);
	explicit_bzero(argument, strlen(argument));
	session->user[0] = '\0';
	reply = result == AUTH_SUCCESS ? enter_mailbox(session, auth)
				       : auth_refusal(session, result, false);
	auth_end(auth);
	return reply;
}

/* AUTH alone is older than CAPA, and some clients still ask so. */
static struct reply
list_mechanisms(struct session *session)
{
	struct buf mechanisms = BUF_INIT;

	answer_begin(session, "%s", "");
	session_mechanisms(session, &mechanisms);
	for (char *word = strtok(mechanisms.data, " "); word != NULL;
	     word = strtok(NULL, " "))
		conn_putline(session->conn, "%s", word);
	conn_putline(session->conn, ".");
	buf_clear(&mechanisms);
	return reply_said();
}

struct reply
pop3_auth(struct session *session, char *argument)
{
	struct auth_dialog dialog = {
		.start = auth_start_of(session),
		.prompt = "+ ",
		.argument = argument,
	};
	struct auth *auth;
	enum auth_result result;
	struct reply reply;

	if (*argument == '\0')
		return list_mechanisms(session);
	session->saw_password = true;
	if (!session->tls && session->needs_tls)
		return refuse_clear(session);
	transcript_secret(session->transcript, true);
	result = auth_dialog(session->conn, &dialog, &auth);
	transcript_secret(session->transcript, false);
	explicit_bzero(argument, strlen(argument));
	reply = result == AUTH_SUCCESS
	    ? enter_mailbox(session, auth)
	    : auth_refusal(session, result, dialog.blank_before_name);
	auth_end(auth);
	return reply;
}

/* APOP SP name SP digest                                     RFC 1939 7 */
struct reply
pop3_apop(struct session *session, char *argument)
{
	struct auth_start start = auth_start_of(session);
	char *digest = strchr(argument, ' ');
	struct auth *auth;
	enum auth_result result;
	struct reply reply;

	if (session->stamp[0] == '\0')
		return reply_err(session,
		    "APOP is not offered; CAPA lists the other ways to log in");
	session->saw_password = true;
	if (!session->tls && session->needs_tls)
		return refuse_clear(session);
	if (digest == NULL || digest == argument ||
	    strlen(digest + 1) != APOP_DIGEST ||
	    strspn(digest + 1, "0123456789abcdef") != APOP_DIGEST)
		return reply_err(session,
		    "APOP needs a name and a digest of 32 digits, 0 to f");

	*digest++ = '\0';
	result = auth_apop(&start, argument, session->stamp, digest, &auth);
	reply = result == AUTH_SUCCESS ? enter_mailbox(session, auth)
				       : auth_refusal(session, result, false);
	auth_end(auth);
	return reply;
}

struct reply
pop3_stls(struct session *session, char *argument)
{
	size_t dropped = 0;

	if (*argument != '\0')
		return reply_err(session, "%s stands alone", "STLS");
	if (session->tls)
		return reply_err(session, "TLS is active already");
	if (session->utf8)
		return reply_err(session, "STLS comes before UTF8");
	if (!session->offers_tls)
		return reply_err(session, "TLS is not available here");

	answer_begin(session, "begin TLS negotiation");
	session->user[0] = '\0'; /* RFC 2595 4: nothing said before counts */
	if (tls_accept(session->conn, server_tls(), &dropped) == -1) {
		session->farewell = conn_error(session->conn);
		session->state = DONE;
		return reply_said();
	}
	if (dropped > 0)
		log_event(LOG_WARN, "tls-injection", "peer=%s dropped=%zu",
		    session->peer, dropped);
	session->tls = true;
	return reply_said();
}
