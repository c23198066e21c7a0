/*
 * smtp_send.c - one mail transaction of a client, over SMTP or LMTP.
 *
 * With PIPELINING the commands go in groups of at most GROUP_MAX recipients:
 * their replies fit into any socket's buffer, so neither side can be stuck
 * writing to the other.  DATA is in the last group (RFC 2920 3.1); BDAT is not,
 * since its message would go to who may have refused all recipients.
 */
#include "common/smtp_client.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/buf.h"
#include "common/conn.h"
#include "common/smtp_path.h"
#include "common/smtp_text.h"

enum { GROUP_MAX = 50 };

/* No line end may hide in what the caller gives. */
static bool
is_clean(const struct smtp_transaction *t)
{
	static const char ends[] = "\r\n";

	if (strpbrk(t->sender, ends) != NULL ||
	    strpbrk(t->parameters, ends) != NULL ||
	    (t->xforward != NULL && strpbrk(t->xforward, ends) != NULL))
		return false;
	for (size_t i = 0; i < t->recipient_count; i++) {
		if (strpbrk(t->recipients[i].address, ends) != NULL ||
		    strpbrk(t->recipients[i].parameters, ends) != NULL)
			return false;
	}
	return true;
}

/* Gives R to the recipients from I on. */
static void
settle_from(struct smtp_transaction *t, size_t i, const struct reply *r)
{
	for (; i < t->recipient_count; i++)
		t->recipients[i].reply = *r;
}

/* Gives R to those whose RCPT was accepted. */
static void
settle_accepted(struct smtp_transaction *t, const struct reply *r)
{
	for (size_t i = 0; i < t->recipient_count; i++) {
		if (reply_is_ok(&t->recipients[i].reply))
			t->recipients[i].reply = *r;
	}
}

/* How far the commands of a transaction have come. */
struct progress {
	struct smtp_client *client;
	struct smtp_transaction *t;
	bool chunked;
	size_t accepted;   /* recipients */
	struct reply mail; /* code 0: not answered yet */
	struct reply data;
	struct reply astray; /* what came was no answer; code 0: it was */
};

/*
 * The commands have numbers: XFORWARD, MAIL, a RCPT for each recipient, DATA.
 */
enum { XFORWARD, MAIL, FIRST_RCPT };

static size_t
data_number(const struct progress *p)
{
	return FIRST_RCPT + p->t->recipient_count;
}

static void
put_command(struct progress *p, size_t number)
{
	struct smtp_transaction *t = p->t;

	if (number == XFORWARD) {
		conn_putline(p->client->conn, "%s", t->xforward);
	} else if (number == MAIL) {
		smtp_path_put(p->client, "MAIL FROM", t->sender, t->parameters);
	} else if (number < data_number(p)) {
		struct smtp_recipient *to = &t->recipients[number - FIRST_RCPT];

		smtp_path_put(p->client, "RCPT TO", to->address,
		    to->parameters);
	} else {
		conn_putline(p->client->conn, "DATA");
	}
}

/* Reads a reply of class 2, 4 or 5; with GO also 354, and then not 2. */
static struct reply
read_verdict(struct smtp_client *client, bool go)
{
	struct reply r = smtp_read_reply(client);

	if (r.code / 100 == 3 ? go && r.code == 354 : !go || !reply_is_ok(&r))
		return r;
	client->broken = true;
	return reply(421, "4.4.2 %d is no answer to this command", r.code);
}

static void
take_reply(struct progress *p, size_t number)
{
	struct reply r = read_verdict(p->client, number == data_number(p));

	if (p->client->broken && p->astray.code == 0 &&
	    conn_error(p->client->conn) == NULL)
		p->astray = r;
	if (number == XFORWARD)
		return; /* it only informs */
	if (number == MAIL) {
		p->mail = r;
	} else if (number < data_number(p)) {
		if (!reply_is_ok(&p->mail))
			r = p->mail;
		p->t->recipients[number - FIRST_RCPT].reply = r;
		if (reply_is_ok(&r))
			p->accepted++;
	} else {
		p->data = r;
	}
}

/* Whether command NUMBER need not be sent any more. */
static bool
is_hopeless(const struct progress *p, size_t number)
{
	if (p->client->broken)
		return true;
	if (number > MAIL && !reply_is_ok(&p->mail))
		return true;
	return number == data_number(p) && p->accepted == 0;
}

/*
 * The replies are out of step with the commands, so nobody knows whose the
 * earlier ones were: none of them counts.
 */
static void
go_astray(struct progress *p, const struct reply *why)
{
	p->mail = p->data = *why;
	settle_from(p->t, 0, why);
}

/* The connection has ended when commands up to number SENT were on their way.
 */
static void
end_early(struct progress *p, size_t sent)
{
	/* Reads nothing: it is the reply that says why. */
	struct reply r = smtp_read_reply(p->client);

	settle_from(p->t, sent < FIRST_RCPT ? 0 : sent - FIRST_RCPT, &r);
	if (p->mail.code == 0)
		p->mail = r;
	if (p->data.code == 0)
		p->data = r;
}

/* All commands up to DATA, a group at a time. */
static void
converse(struct progress *p)
{
	unsigned offered = p->client->extensions;
	size_t group = (offered & EXT_PIPELINING) != 0 ? GROUP_MAX : 1;
	size_t end = data_number(p) + (p->chunked ? 0 : 1);
	size_t sent = MAIL;

	if (p->t->xforward != NULL && (offered & EXT_XFORWARD) != 0)
		sent = XFORWARD;
	while (sent < end && !is_hopeless(p, sent)) {
		size_t answered = sent;

		while (sent < end && sent < answered + group)
			put_command(p, sent++);
		while (answered < sent)
			take_reply(p, answered++);
	}
	if (p->astray.code != 0)
		go_astray(p, &p->astray);
	else if (p->client->broken)
		end_early(p, sent);
	if (!reply_is_ok(&p->mail))
		settle_from(p->t, 0, &p->mail);
}

/* Reads the last word; with LMTP one for each (RFC 2033 4.2). */
static struct reply
take_last_word(struct smtp_client *client, struct smtp_transaction *t)
{
	struct reply r = { 0 };

	if (!client->lmtp) {
		r = read_verdict(client, false);
		settle_accepted(t, &r);
		return r;
	}
	for (size_t i = 0; i < t->recipient_count; i++) {
		if (reply_is_ok(&t->recipients[i].reply))
			r = t->recipients[i].reply =
			    read_verdict(client, false);
	}
	return r;
}

/*
 * Who does not know BDAT takes the chunk for commands: nothing was sent, and
 * nothing more can be.
 */
static struct reply
not_chunked(struct smtp_client *client, struct smtp_transaction *t,
    const struct reply *said)
{
	struct reply r = reply(421,
	    "4.5.0 CHUNKING is offered, but BDAT is not known: %d %s",
	    said->code, said->text);

	client->broken = true;
	client->sent = false;
	client->no_bdat = true;
	for (size_t i = 0; i < t->recipient_count; i++)
		if (t->recipients[i].reply.code == said->code)
			t->recipients[i].reply = r;
	return r;
}

/*
 * Who has spoken before the message was said to him has not answered it: that
 * word, or what it pushes back, would be taken for the last one.
 */
static struct reply
spoke_too_early(struct smtp_client *client, struct smtp_transaction *t)
{
	struct reply r =
	    reply(421, "4.4.2 an answer came before the message was sent");

	client->broken = true;
	settle_accepted(t, &r);
	return r;
}

/*
 * Ends what was begun.  Who does not confirm that gets nothing more over this
 * connection; and a 354 is what DATA was to be answered with.
 */
static void
reset(struct progress *p)
{
	struct reply r = smtp_command(p->client, "RSET");

	if (reply_is_ok(&r))
		return;
	p->client->broken = true;
	if (r.code / 100 != 3)
		return;
	r = reply(421, "4.4.2 %d is no answer to RSET", r.code);
	go_astray(p, &r);
}

/* Behind a 354, or as a chunk: the message, and the last word. */
static struct reply
hand_over(struct progress *p)
{
	struct smtp_client *client = p->client;
	struct smtp_transaction *t = p->t;
	struct reply r;
	int rc;

	if (!conn_is_quiet(client->conn))
		return spoke_too_early(client, t);
	client->sent = true;
	rc = smtp_text_write(client->conn, t, p->chunked);
	if (rc == -1) {
		r = reply(451, "4.3.0 The message cannot be read: %s",
		    strerrordesc_np(errno));
		client->broken = true;
		settle_accepted(t, &r);
		return r;
	}
	if (t->final_timeout > 0)
		conn_set_timeout(client->conn, t->final_timeout);
	r = take_last_word(client, t);
	if (!p->chunked || reply_is_ok(&r) || client->broken)
		return r;
	/* RFC 5321 4.2.2: about the command, not about the message. */
	if (r.code >= 500 && r.code <= 504)
		return not_chunked(client, t, &r);
	/* RFC 3030 2: what a failed BDAT leaves behind is cleared by RSET. */
	reset(p);
	return r;
}

/* Nobody was accepted, yet the peer waits for a message (RFC 2920 3.1). */
static void
send_nothing(struct smtp_client *client)
{
	conn_putline(client->conn, ".");
	/* LMTP has no reply for nobody; what it sends now is not defined. */
	if (client->lmtp)
		client->broken = true;
	else
		(void)smtp_read_reply(client);
}

struct reply
smtp_send(struct smtp_client *client, struct smtp_transaction *t)
{
	struct progress p = { .client = client, .t = t };
	struct reply r;

	assert(t->recipient_count > 0);
	client->sent = false;
	client->no_bdat = false;
	if (!is_clean(t)) {
		r = reply(554, "5.5.0 Line break within an address");
		settle_from(t, 0, &r);
		return r;
	}
	p.chunked = t->chunking && (client->extensions & EXT_CHUNKING) != 0;
	converse(&p);
	if (p.accepted > 0 &&
	    (p.data.code == 354 || (p.chunked && !client->broken)))
		return hand_over(&p);
	if (p.data.code == 354)
		send_nothing(client);
	else if (reply_is_ok(&p.mail) && !client->broken)
		reset(&p);
	if (!reply_is_ok(&p.mail))
		return p.mail;
	if (p.accepted == 0)
		return t->recipients[t->recipient_count - 1].reply;
	settle_accepted(t, &p.data);
	return p.data;
}
