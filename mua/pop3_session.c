/*
 * pop3_session.c - the steps to a login, each with its sentence.
 */
#include "mua/pop3_session.h"

#include <locale.h>
#include <string.h>
#include <sysexits.h>

#include "common/auth_client.h"
#include "common/conn.h"

int
pop3_session_check(struct pop3_session *session, enum pop3_answer answer,
    const char *doing)
{
	struct dial *dial = &session->dial;

	switch (answer) {
	case POP3_YES:
		return 0;
	case POP3_NO:
		return dial_fail(dial, EX_UNAVAILABLE,
		    "%s has refused while %s: %s", dial->host->host, doing,
		    session->client.text);
	case POP3_BROKEN:
		break;
	}
	return dial_explain(dial, doing);
}

static int
begin_tls(struct pop3_session *session)
{
	struct dial *dial = &session->dial;
	struct pop3_client *client = &session->client;

	if (dial->host->tls != ACCOUNT_TLS_STARTTLS)
		return 0;
	if ((client->can & POP3_CAN_STLS) == 0)
		return dial_fail(dial, EX_PROTOCOL,
		    "%s offers no STLS on port %d, and the password is not "
		    "sent in clear: try pop3_tls = implicit (port 995), or, "
		    "on a network of your own, off",
		    dial->host->host, dial->host->port);
	if (pop3_session_check(session, pop3_command(client, "STLS"),
		"beginning TLS") == -1 ||
	    dial_secure(dial) == -1)
		return -1;
	/* What was said in clear may have been anybody's (RFC 2595 4). */
	return pop3_session_check(session, pop3_ask_capabilities(client),
	    "naming its capabilities");
}

/*
 * UTF8 and LANG: conveniences, so that a refusal is no matter.  RFC 6856 wants
 * them before the login.
 */
static int
say_who_we_are(struct pop3_session *session)
{
	struct pop3_client *client = &session->client;
	const char *locale = setlocale(LC_MESSAGES, NULL);
	enum pop3_answer answer = POP3_YES;

	if ((client->can & POP3_CAN_UTF8) != 0)
		answer = pop3_command(client, "UTF8");
	if (answer != POP3_BROKEN && (client->can & POP3_CAN_LANG) != 0 &&
	    locale != NULL && strncmp(locale, "en", 2) != 0 &&
	    strcspn(locale, "_.@") == 2)
		answer = pop3_command(client, "LANG %.2s", locale);
	return answer == POP3_BROKEN ? dial_explain(&session->dial, "beginning")
				     : 0;
}

/* The login was not accepted, or there was no way. */
static int
explain_refusal(struct pop3_session *session, const char *login)
{
	struct dial *dial = &session->dial;
	const struct pop3_client *client = &session->client;
	const char *host = dial->host->host;

	if (*client->text == '\0' && *client->code == '\0')
		return dial_fail(dial, EX_PROTOCOL,
		    "There is no way to log in at %s that both sides have%s: "
		    "it offers %s%s",
		    host,
		    *dial->host->auth == '\0' ? "" : " and pop3_auth allows",
		    *client->sasl == '\0' ? "no mechanism" : client->sasl,
		    (client->can & POP3_CAN_USER) == 0 ? "" : " USER");
	if (strcmp(client->code, "IN-USE") == 0)
		return dial_fail(dial, EX_TEMPFAIL,
		    "The mailbox is open in another session just now; wait a "
		    "little (%s says: %s)",
		    host, client->text);
	if (strcmp(client->code, "LOGIN-DELAY") == 0 ||
	    strcmp(client->code, "SYS/TEMP") == 0)
		return dial_fail(dial, EX_TEMPFAIL,
		    "%s cannot let us in just now; wait a little (it says: %s)",
		    host, client->text);
	if (strcmp(client->code, "SYS/PERM") == 0)
		return dial_fail(dial, EX_UNAVAILABLE,
		    "%s has trouble of its own: %s", host, client->text);
	return dial_fail(dial, EX_NOPERM,
	    "%s does not accept the password of %s (it says: %s)", host, login,
	    client->text);
}

static int
log_in(struct pop3_session *session, const struct password *password)
{
	struct dial *dial = &session->dial;
	const struct auth_login login = {
		.name = account_login(dial->account, dial->host),
		.password = password->text,
		.password_size = password->size,
	};

	switch (pop3_login(&session->client, dial->host->host, &login,
	    dial->host->auth)) {
	case POP3_YES:
		return 0;
	case POP3_NO:
		return explain_refusal(session, login.name);
	case POP3_BROKEN:
		break;
	}
	return dial_explain(dial, "we logged in");
}

int
pop3_session_open(struct pop3_session *session, struct task *task,
    const struct account *account, const struct password *password)
{
	memset(&session->client, 0, sizeof(session->client));
	task_keep_secret(task, password,
	    account_login(account, &account->pop3));
	if (dial_open(&session->dial, task, account, &account->pop3,
		WIRE_POP3) == -1 ||
	    pop3_session_check(session,
		pop3_open(&session->client, session->dial.conn),
		"greeting us") == -1 ||
	    begin_tls(session) == -1 || say_who_we_are(session) == -1)
		return -1;
	return log_in(session, password);
}

int
pop3_session_quit(struct pop3_session *session)
{
	return pop3_session_check(session,
	    pop3_command(&session->client, "QUIT"), "saying good bye");
}

void
pop3_session_close(struct pop3_session *session)
{
	dial_close(&session->dial);
}
