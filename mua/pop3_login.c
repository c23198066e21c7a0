/*
 * pop3_login.c - AUTH (RFC 5034), APOP, USER and PASS, in the order of what
 * they give away.
 *
 * Only one way is tried: what the server refuses is refused, and trying again
 * by weaker ones would hand them a password in clear for nothing.
 */
#include "mua/pop3_client.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common/auth.h"
#include "common/auth_client.h"
#include "common/config_form.h"
#include "common/tls.h"

enum { ROUNDS_MAX = 10, COMMAND_MAX = 255 /* RFC 5034 4: octets with CRLF */ };

/* Those of RFC 5034's that common/auth_client.h can have, and we mean to use.
 */
static const char *const mechanisms[] = { "SCRAM-SHA-256", "SCRAM-SHA-1",
	"DIGEST-MD5", "CRAM-MD5", "PLAIN", "LOGIN" };

static bool
is_allowed(const char *allowed, const char *way)
{
	return *allowed == '\0' || form_has_word(allowed, way);
}

static bool
is_offered(const char *sasl, const char *name)
{
	char word[FORM_WORD_SIZE];

	while (form_next_word(&sasl, word))
		if (strcasecmp(word, name) == 0)
			return true;
	return false;
}

static bool
is_in_clear(const char *mechanism)
{
	return strcmp(mechanism, "PLAIN") == 0 ||
	    strcmp(mechanism, "LOGIN") == 0;
}

/* What we would use of what is offered, blank-separated. */
static void
list_mechanisms(const struct pop3_client *client, const char *allowed,
    bool also_in_clear, struct buf *to)
{
	for (size_t i = 0; i < COUNT(mechanisms); i++)
		if (is_offered(client->sasl, mechanisms[i]) &&
		    is_allowed(allowed, mechanisms[i]) &&
		    (also_in_clear || !is_in_clear(mechanisms[i])))
			buf_printf(to, "%s%s", to->size > 0 ? " " : "",
			    mechanisms[i]);
}

static void
forget(struct buf *secret)
{
	explicit_bzero(secret->data, secret->size);
	buf_clear(secret);
}

/* The first command; an initial response that is too long for it waits. */
static enum pop3_answer
begin(struct pop3_client *client, const char *mechanism, struct buf *response,
    bool has_response)
{
	struct buf line = BUF_INIT;
	enum pop3_answer answer;

	buf_printf(&line, "AUTH %s", mechanism);
	if (has_response && response->size == 0)
		buf_addstr(&line, " =");
	if (has_response && response->size > 0) {
		buf_addchar(&line, ' ');
		auth_base64_encode(response->data, response->size, &line);
	}
	if (line.size + 2 <= COMMAND_MAX) {
		answer = pop3_command(client, "%s", line.data);
	} else {
		answer = pop3_command(client, "AUTH %s", mechanism);
		if (answer == POP3_YES && strcmp(client->code, "+") == 0)
			answer = pop3_command(client, "%s",
			    line.data + strlen("AUTH ") + strlen(mechanism) +
				1);
	}
	forget(&line);
	return answer;
}

/* Answers one challenge. */
static enum pop3_answer
respond(struct pop3_client *client, struct auth_client *auth)
{
	struct buf challenge = BUF_INIT;
	struct buf response = BUF_INIT;
	struct buf line = BUF_INIT;
	enum pop3_answer answer;

	if (auth_base64_decode(client->text, &challenge) &&
	    auth_client_step(auth, challenge.data, challenge.size, &response))
		auth_base64_encode(response.data, response.size, &line);
	else
		buf_addchar(&line, '*');
	answer = pop3_command(client, "%s", line.data);
	buf_clear(&challenge);
	forget(&response);
	forget(&line);
	return answer;
}

static enum pop3_answer
converse(struct pop3_client *client, struct auth_client *auth,
    const char *offer)
{
	struct buf response = BUF_INIT;
	bool has_response = false;
	const char *mechanism =
	    auth_client_start(auth, offer, &response, &has_response);
	enum pop3_answer answer = POP3_NO;

	client->text[0] = '\0';
	if (mechanism != NULL)
		answer = begin(client, mechanism, &response, has_response);
	for (int i = 0; answer == POP3_YES && strcmp(client->code, "+") == 0;
	     i++)
		answer = i < ROUNDS_MAX ? respond(client, auth) : POP3_BROKEN;
	if (answer == POP3_YES && !auth_client_is_done(auth)) {
		(void)copy_string(client->text, sizeof(client->text),
		    "the server has not proved that it knows the password");
		answer = POP3_NO;
	}
	forget(&response);
	return answer;
}

static enum pop3_answer
log_in_sasl(struct pop3_client *client, const char *host,
    const struct auth_login *login, const char *offer)
{
	struct auth_client *auth = auth_client_open("pop", host, login);
	enum pop3_answer answer;

	client->text[0] = '\0';
	if (auth == NULL)
		return POP3_NO;
	answer = converse(client, auth, offer);
	auth_client_close(auth);
	return answer;
}

/* Whether it can stand in a command line: no line end, no NUL, no blank. */
static bool
is_plain(const char *text, size_t size, bool blanks)
{
	for (size_t i = 0; i < size; i++)
		if (text[i] == '\r' || text[i] == '\n' || text[i] == '\0' ||
		    (!blanks && text[i] == ' '))
			return false;
	return size > 0;
}

/* APOP SP name SP digest: MD5 of the time stamp and the password. */
static enum pop3_answer
log_in_apop(struct pop3_client *client, const struct auth_login *login)
{
	struct buf secret = BUF_INIT;
	unsigned char digest[16];
	char text[2 * sizeof(digest) + 1];

	buf_addstr(&secret, client->stamp);
	buf_add(&secret, login->password, login->password_size);
	if (gnutls_hash_fast(GNUTLS_DIG_MD5, secret.data, secret.size, digest) <
	    0)
		memset(digest, 0, sizeof(digest));
	forget(&secret);
	for (size_t i = 0; i < sizeof(digest); i++)
		(void)snprintf(text + 2 * i, 3, "%02x", digest[i]);
	return pop3_command(client, "APOP %s %s", login->name, text);
}

static enum pop3_answer
log_in_user(struct pop3_client *client, const struct auth_login *login)
{
	enum pop3_answer answer = pop3_command(client, "USER %s", login->name);

	if (answer != POP3_YES)
		return answer;
	return pop3_command(client, "PASS %.*s", (int)login->password_size,
	    login->password);
}

enum pop3_answer
pop3_login(struct pop3_client *client, const char *host,
    const struct auth_login *login, const char *allowed)
{
	bool protected = tls_describe(client->conn) != NULL;
	bool apop = *client->stamp != '\0' && is_allowed(allowed, "APOP") &&
	    is_plain(login->name, strlen(login->name), false);
	bool user = (client->can & POP3_CAN_USER) != 0 &&
	    is_allowed(allowed, "USER") &&
	    is_plain(login->name, strlen(login->name), true) &&
	    is_plain(login->password, login->password_size, true);
	struct buf offer = BUF_INIT;
	enum pop3_answer answer;

	/* In clear, whatever hides the password comes first. */
	list_mechanisms(client, allowed, protected, &offer);
	if (offer.size == 0 && !(apop && !protected))
		list_mechanisms(client, allowed, true, &offer);
	client->text[0] = '\0';
	client->code[0] = '\0';
	if (offer.size > 0)
		answer = log_in_sasl(client, host, login, offer.data);
	else if (apop && (!protected || !user))
		answer = log_in_apop(client, login);
	else if (user)
		answer = log_in_user(client, login);
	else
		answer = POP3_NO;
	buf_clear(&offer);
	return answer;
}
