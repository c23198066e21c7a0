/*
 * submit_session.c - greeting, STARTTLS and AUTH of a submission.
 */
#include "mua/submit_session.h"

#include <string.h>
#include <strings.h>
#include <sysexits.h>
#include <unistd.h>

#include "common/address.h"
#include "common/auth_client.h"
#include "common/smtp_auth.h"
#include "mua/submit.h"

enum { HOST_SIZE = 256 };

/* Our name in EHLO: that of the machine, which the server writes down. */
static void
name_self(char name[HOST_SIZE])
{
	if (gethostname(name, HOST_SIZE) == -1)
		*name = '\0';
	name[HOST_SIZE - 1] = '\0';
	if (!domain_is_valid(name))
		(void)copy_string(name, HOST_SIZE, "localhost");
}

/* A server's refusal of what we were DOING. */
static int
refused(struct submit_session *session, const struct reply *r,
    const char *doing)
{
	struct dial *dial = &session->dial;

	if (session->client.broken)
		return dial_explain(dial, doing);
	return dial_fail(dial,
	    reply_is_temporary(r) ? EX_TEMPFAIL : EX_UNAVAILABLE,
	    "%s says while %s: %d %s", dial->host->host, doing, r->code,
	    r->text);
}

static int
start_tls(struct submit_session *session, const char *name)
{
	struct dial *dial = &session->dial;
	struct reply r;

	if ((session->client.extensions & EXT_STARTTLS) == 0)
		return dial_fail(dial, EX_PROTOCOL,
		    "%s does not offer STARTTLS on port %d, and nothing is said "
		    "in clear: try %s = implicit, or another port",
		    dial->host->host, dial->host->port, dial_key(dial, "tls"));
	r = smtp_command(&session->client, "STARTTLS");
	if (r.code != 220)
		return refused(session, &r, "starting TLS");
	if (dial_secure(dial) == -1) {
		session->client.broken = true;
		return -1;
	}
	/* RFC 3207 4.2: all that was said before is forgotten. */
	r = smtp_client_hello(&session->client, name);
	return reply_is_ok(&r) ? 0 : refused(session, &r, "greeting us");
}

/* Of the mechanisms offered those that the account allows. */
static void
narrow(struct smtp_client *client, const char *allowed)
{
	char kept[sizeof(client->auth)] = "";
	char *rest = NULL;

	for (char *word = strtok_r(client->auth, " ", &rest); word != NULL;
	     word = strtok_r(NULL, " ", &rest)) {
		const char *at = strcasestr(allowed, word);
		size_t size = strlen(word);

		while (at != NULL &&
		    ((at > allowed && at[-1] != ' ') ||
			(at[size] != '\0' && at[size] != ' ')))
			at = strcasestr(at + 1, word);
		if (*allowed != '\0' && at == NULL)
			continue;
		if (*kept != '\0')
			strcat(kept, " ");
		strcat(kept, word);
	}
	(void)copy_string(client->auth, sizeof(client->auth), kept);
}

static int
log_in(struct submit_session *session, const struct submission *submission)
{
	const struct account *account = submission->account;
	struct dial *dial = &session->dial;
	struct auth_login login = {
		.name = account_login(account, &account->smtp),
		.password = submission->password.text,
		.password_size = submission->password.size,
	};
	struct reply r;

	if ((session->client.extensions & EXT_AUTH) == 0)
		return dial_fail(dial, EX_UNAVAILABLE,
		    "%s offers no login on port %d: set smtp_auth = NONE to "
		    "send without one, or try another port",
		    dial->host->host, dial->host->port);
	narrow(&session->client, account->smtp.auth);
	r = smtp_auth(&session->client, dial->host->host, &login);
	if (r.code == 235)
		return 0;
	if (session->client.broken)
		return dial_explain(dial, "logging in");
	return dial_fail(dial, reply_is_temporary(&r) ? EX_TEMPFAIL : EX_NOPERM,
	    "%s does not let %s in: %d %s", dial->host->host, login.name,
	    r.code, r.text);
}

int
submit_session_open(struct submit_session *session, struct task *task,
    const struct submission *submission)
{
	const struct account *account = submission->account;
	char name[HOST_SIZE];
	struct reply r;

	*session = (struct submit_session){ 0 };
	task_keep_secret(task, &submission->password,
	    account_login(account, &account->smtp));
	if (dial_open(&session->dial, task, account, &account->smtp,
		WIRE_SMTP) == -1)
		return -1;
	if (submission->has_password && auth_client_prepare() == -1)
		return dial_fail(&session->dial, EX_SOFTWARE,
		    "SASL cannot be loaded");
	name_self(name);
	r = smtp_client_open(&session->client, session->dial.conn, false, name);
	if (!reply_is_ok(&r))
		return refused(session, &r, "greeting us");
	if (account->smtp.tls == ACCOUNT_TLS_STARTTLS &&
	    start_tls(session, name) == -1)
		return -1;
	return submission->has_password ? log_in(session, submission) : 0;
}

void
submit_session_close(struct submit_session *session)
{
	if (session->client.conn != NULL)
		smtp_client_quit(&session->client);
	dial_close(&session->dial);
}
