/*
 * dial.c - a connection with or without TLS, and what to say when it fails.
 *
 * The sentences are for the person who has just typed a host and a port: what
 * is wrong, and which setting to look at.
 */
#include "mua/dial.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "common/conn.h"
#include "common/tls.h"
#include "mua/dial_socket.h"

enum { ANSWER_SECONDS = 45 };

const char *
dial_key(const struct dial *dial, const char *what)
{
	static char key[32];

	(void)snprintf(key, sizeof(key), "%s_%s",
	    dial->protocol == WIRE_POP3 ? "pop3" : "smtp", what);
	return key;
}

int
dial_fail(struct dial *dial, int status, const char *fmt, ...)
{
	va_list ap;

	if (dial->status != 0)
		return -1;
	dial->status = status;
	va_start(ap, fmt);
	(void)vsnprintf(dial->why, sizeof(dial->why), fmt, ap);
	va_end(ap);
	task_hide_secret(dial->task, dial->why);
	task_note(dial->task, "%s", dial->why);
	return -1;
}

/* GnuTLS's words on a certificate, as a sentence with a way out. */
static int
explain_certificate(struct dial *dial, const char *error)
{
	const char *host = dial->host->host;

	if (strstr(error, "issuer is unknown") != NULL)
		return dial_fail(dial, EX_NOPERM,
		    "The certificate of %s comes from an authority that is not "
		    "known here.  For a lab or a server of your own, name its "
		    "CA in ca_file (Postlab's is tls/ca.pem in the state "
		    "folder); else somebody may be in between",
		    host);
	if (strstr(error, "does not match") != NULL)
		return dial_fail(dial, EX_NOPERM,
		    "The certificate is not for %s: is the name right (%s)?  "
		    "It must be one that the certificate has",
		    host, dial_key(dial, "host"));
	if (strstr(error, "expired") != NULL)
		return dial_fail(dial, EX_NOPERM,
		    "The certificate of %s has expired: its operator must "
		    "renew it (or is the clock of this machine wrong?)",
		    host);
	return dial_fail(dial, EX_NOPERM,
	    "The certificate of %s is not good: %s", host, error);
}

/* The handshake failed for another reason. */
static int
explain_handshake(struct dial *dial, const char *error)
{
	const struct account_host *host = dial->host;

	if (host->tls == ACCOUNT_TLS_IMPLICIT &&
	    (strstr(error, "unexpected TLS packet") != NULL ||
		strstr(error, "timed out") != NULL ||
		strstr(error, "took too long") != NULL))
		return dial_fail(dial, EX_PROTOCOL,
		    "%s does not begin with TLS on port %d: try %s = starttls, "
		    "or another port",
		    host->host, host->port, dial_key(dial, "tls"));
	return dial_fail(dial, EX_PROTOCOL,
	    "There is no agreement on TLS with %s, port %d: %s", host->host,
	    host->port, error);
}

int
dial_secure(struct dial *dial)
{
	const char *error;

	if (dial->tls != NULL &&
	    tls_connect(dial->conn, dial->tls, dial->host->host, true) == 0) {
		task_note(dial->task, "%s; the certificate is for %s",
		    tls_describe(dial->conn), dial->host->host);
		return 0;
	}
	error = dial->tls == NULL ? "no TLS" : conn_error(dial->conn);
	if (error != NULL && strstr(error, "certificate") != NULL)
		return explain_certificate(dial, error);
	return explain_handshake(dial, error == NULL ? "" : error);
}

int
dial_explain(struct dial *dial, const char *doing)
{
	const struct account_host *host = dial->host;
	const char *error = conn_error(dial->conn);

	if (*task_stop(dial->task) != 0)
		return dial_fail(dial, TASK_CANCELLED, "Broken off");
	if (error == NULL)
		return dial_fail(dial, EX_PROTOCOL,
		    "%s, port %d, has not kept to the protocol while %s",
		    host->host, host->port, doing);
	if (tls_describe(dial->conn) == NULL &&
	    host->tls != ACCOUNT_TLS_IMPLICIT &&
	    strcmp(doing, "greeting us") == 0)
		return dial_fail(dial, EX_TEMPFAIL,
		    "%s, port %d, does not greet us (%s): if this port begins "
		    "with TLS, set %s = implicit",
		    host->host, host->port, error, dial_key(dial, "tls"));
	return dial_fail(dial, EX_TEMPFAIL,
	    "The connection to %s has failed while %s: %s", host->host, doing,
	    error);
}

static int
load_authorities(struct dial *dial)
{
	const char *file = dial->account->ca_file;

	if (dial->host->tls == ACCOUNT_TLS_OFF)
		return 0;
	dial->tls = tls_client_context(*file == '\0' ? NULL : file);
	if (dial->tls != NULL)
		return 0;
	if (*file == '\0')
		return dial_fail(dial, EX_CONFIG,
		    "This machine has no list of authorities for certificates: "
		    "install ca-certificates, or name one in ca_file");
	return dial_fail(dial, EX_CONFIG,
	    "There are no certificates to be read in ca_file = %s", file);
}

int
dial_open(struct dial *dial, struct task *task, const struct account *account,
    const struct account_host *host, enum wire_protocol protocol)
{
	int fd;

	*dial = (struct dial){
		.account = account,
		.host = host,
		.protocol = protocol,
		.task = task,
	};
	if (*host->host == '\0')
		return dial_fail(dial, EX_CONFIG, "The account %s has no %s",
		    account->name, dial_key(dial, "host"));
	if (load_authorities(dial) == -1)
		return -1;
	fd = dial_socket(dial);
	if (fd == -1)
		return -1;
	dial->conn = conn_open(fd, ANSWER_SECONDS);
	conn_set_stop(dial->conn, task_stop(task));
	conn_stop_anywhere(dial->conn);
	task_tap(task, dial->conn, protocol);
	if (host->tls == ACCOUNT_TLS_IMPLICIT)
		return dial_secure(dial);
	return 0;
}

void
dial_close(struct dial *dial)
{
	conn_close(dial->conn);
	tls_context_free(dial->tls);
	dial->conn = NULL;
	dial->tls = NULL;
}
