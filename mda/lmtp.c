/*
 * lmtp.c - the LMTP session: a table of commands, and a loop over lines.
 *
 * What differs from SMTP (RFC 2033): the greeting is LHLO, HELO and EHLO are
 * refused; DATA without a valid recipient is 503; after the final dot comes
 * one reply for each recipient that was accepted, in their order.
 */
#include "mda/lmtp.h"

#include <string.h>
#include <strings.h>

#include "common/config.h"
#include "common/conn.h"
#include "common/data_reader.h"
#include "common/log.h"
#include "common/server.h"
#include "mda/lmtp_envelope.h"
#include "mda/parcel.h"

enum {
	LINE_SIZE = 4096, /* XFORWARD may carry 600 bytes and more, as xtext */
	MAX_ERRORS = 100,
	FLUSH_EVERY = 16,
	/*
	 * smtpd counts what the client sent; the fields it adds must not make
	 * us refuse what it has accepted.
	 */
	HEADER_ALLOWANCE = 64 * 1024,
	/*
	 * Seconds that a front end may keep us waiting for its next message:
	 * each of its idle workers would hold one of ours.
	 */
	FRONT_END_IDLE = 1,
};

enum state {
	FRESH = 1 << 0,  /* connected, not yet greeted */
	READY = 1 << 1,  /* greeted, no transaction */
	SENDER = 1 << 2, /* MAIL accepted */
	RCPTS = 1 << 3,  /* at least one RCPT accepted */
	DONE = 1 << 4,   /* QUIT given, or given up */
};
#define ANY (FRESH | READY | SENDER | RCPTS)

struct session {
	struct conn *conn;
	const struct config *config;
	enum state state;
	int errors;
	int patience;    /* seconds for the next line */
	size_t answered; /* recipients, after the final dot */
	struct lmtp_envelope envelope;
	struct parcel parcel;
};

struct command {
	const char *name;
	unsigned allowed;
	struct reply (*run)(struct session *s, const char *argument);
	const char *missing; /* what to do first, where it is not allowed */
};

static int64_t
size_limit(const struct session *s)
{
	int limit = s->config->message_size;

	return limit == 0 ? 0 : (int64_t)limit + HEADER_ALLOWANCE;
}

static void
reset(struct session *s)
{
	lmtp_envelope_clear(&s->envelope);
	parcel_reset(&s->parcel);
	if (s->state != FRESH)
		s->state = READY;
}

static struct reply
cmd_lhlo(struct session *s, const char *argument)
{
	if (*argument == '\0')
		return reply(501, "5.5.4 Usage: LHLO hostname");

	s->state = READY;
	reset(s);
	return reply(250,
	    "%s\nPIPELINING\nSIZE %lld\nENHANCEDSTATUSCODES\n8BITMIME\n"
	    "SMTPUTF8\n%s",
	    s->config->hostname, (long long)size_limit(s), xforward_keyword);
}

static struct reply
cmd_smtp(struct session *s, const char *argument)
{
	(void)s;
	(void)argument;
	return reply(500, "5.5.1 This is LMTP: say LHLO");
}

static struct reply
cmd_xforward(struct session *s, const char *argument)
{
	return xforward_parse(argument, &s->envelope.forwarded);
}

static struct reply
cmd_mail(struct session *s, const char *argument)
{
	struct reply r = lmtp_mail(&s->envelope, argument, size_limit(s));

	if (reply_is_ok(&r))
		s->state = SENDER;
	return r;
}

static struct reply
cmd_rcpt(struct session *s, const char *argument)
{
	struct reply r = lmtp_rcpt(&s->envelope, argument);

	if (reply_is_ok(&r))
		s->state = RCPTS;
	return r;
}

/* The same for all, when the message itself was wrong. */
static void
refuse_all(struct session *s, const struct reply *fault)
{
	for (size_t i = 0; i < s->envelope.count; i++)
		conn_putline(s->conn, "%d %s", fault->code, fault->text);
	log_event(LOG_WARN, "refused", "id=%s reply=%s",
	    log_safe(s->envelope.forwarded.queue_id), log_safe(fault->text));
}

/* A reply for a recipient; the last one does not wait for the index. */
static void
answer_for_one(void *arg, const struct reply *r)
{
	struct session *s = arg;

	conn_putline(s->conn, "%d %s", r->code, r->text);
	s->answered++;
	if (s->answered % FLUSH_EVERY == 0 || s->answered == s->envelope.count)
		conn_flush(s->conn);
}

/*
 * A reply for each recipient in order.  With very many the first ones are
 * sent ahead: a client whose patience ends then knows who has it already.
 */
static void
deliver_all(struct session *s, int64_t lines)
{
	struct arrival arrival =
	    lmtp_arrival(s->config, &s->envelope, &s->parcel, lines);

	arrival.answer = answer_for_one;
	arrival.arg = s;
	s->answered = 0;
	for (size_t i = 0; i < s->envelope.count; i++)
		lmtp_deliver(&s->envelope, &arrival, i);
}

/*
 * Behind a message of a front end, who is another program of ours: it can come
 * again at once, if others wait.
 */
static void
end_visit(struct session *s)
{
	s->patience = FRONT_END_IDLE;
	if (server_is_crowded())
		s->state = DONE;
}

static struct reply
cmd_data(struct session *s, const char *argument)
{
	/* Nobody else names a queue file. */
	bool front_end = *s->envelope.forwarded.queue_id != '\0';
	struct data_reader reader;
	struct reply fault;

	if (*argument != '\0')
		return reply(501, "5.5.4 Usage: DATA");

	conn_putline(s->conn, "354 End data with <CR><LF>.<CR><LF>");
	conn_set_deadline(s->conn, s->config->data_timeout);
	data_reader_init(&reader, size_limit(s), parcel_add, &s->parcel);
	if (!data_reader_run(&reader, s->conn)) {
		s->state = DONE;
		return (struct reply){ .code = 0 };
	}
	conn_set_deadline(s->conn, 0);
	fault = data_reader_reply(&reader);
	if (fault.code == 0)
		deliver_all(s, reader.lines);
	else
		refuse_all(s, &fault);
	reset(s);
	if (front_end)
		end_visit(s);
	return (struct reply){ .code = 0 };
}

static struct reply
cmd_rset(struct session *s, const char *argument)
{
	(void)argument;
	reset(s);
	return reply(250, "2.0.0 Ok");
}

static struct reply
cmd_noop(struct session *s, const char *argument)
{
	(void)s;
	(void)argument;
	return reply(250, "2.0.0 Ok");
}

/* RFC 5321 4.5.1 wants it, 7.3 allows to know nothing: RCPT tells. */
static struct reply
cmd_vrfy(struct session *s, const char *argument)
{
	(void)s;
	if (*argument == '\0')
		return reply(501, "5.5.4 Usage: VRFY user");
	return reply(252, "2.5.0 RCPT TO tells who has a mailbox here");
}

static struct reply
cmd_quit(struct session *s, const char *argument)
{
	(void)argument;
	s->state = DONE;
	return reply(221, "2.0.0 Bye");
}

/* clang-format off */
static const struct command commands[] = {
	/* name       allowed in        handler       else */
	{ "LHLO",     ANY,              cmd_lhlo,     "" },
	{ "HELO",     ANY,              cmd_smtp,     "" },
	{ "EHLO",     ANY,              cmd_smtp,     "" },
	{ "XFORWARD", READY,            cmd_xforward, "LHLO first, MAIL later" },
	{ "MAIL",     READY,            cmd_mail,     "LHLO first, and once" },
	{ "RCPT",     SENDER | RCPTS,   cmd_rcpt,     "MAIL first" },
	{ "DATA",     RCPTS,            cmd_data,     "No valid recipients" },
	{ "RSET",     ANY,              cmd_rset,     "" },
	{ "NOOP",     ANY,              cmd_noop,     "" },
	{ "VRFY",     ANY,              cmd_vrfy,     "" },
	{ "QUIT",     ANY,              cmd_quit,     "" },
};
/* clang-format on */

static const struct command *
find_command(const char *name)
{
	for (size_t i = 0; i < COUNT(commands); i++)
		if (strcasecmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

/* Ends the verb in LINE and returns what follows, without trailing blanks. */
static const char *
cut_verb(char *line)
{
	size_t size = strlen(line);
	char *argument;

	while (size > 0 && line[size - 1] == ' ')
		line[--size] = '\0';
	argument = line + strcspn(line, " ");
	if (*argument != '\0')
		*argument++ = '\0';
	return argument + strspn(argument, " ");
}

static struct reply
execute(struct session *s, char *line)
{
	const char *argument = cut_verb(line);
	const struct command *command = find_command(line);

	if (command == NULL)
		return reply(500, "5.5.1 Command not recognized");
	if ((command->allowed & s->state) == 0)
		return reply(503, "5.5.1 %s not allowed now: %s", command->name,
		    command->missing);
	return command->run(s, argument);
}

/* Sends the one reply to a command; gives up on a hopeless client. */
static void
answer(struct session *s, struct reply r)
{
	if (r.code == 0)
		return; /* the handler has said it all */
	if (r.code >= 500 && ++s->errors > MAX_ERRORS) {
		r = reply(421, "4.7.0 Too many errors");
		s->state = DONE;
	}
	for (const char *line = r.text; line != NULL;) {
		const char *end = strchr(line, '\n');
		int size =
		    (int)(end == NULL ? strlen(line) : (size_t)(end - line));

		conn_putline(s->conn, "%d%c%.*s", r.code,
		    end == NULL ? ' ' : '-', size, line);
		line = end == NULL ? NULL : end + 1;
	}
}

static void
talk(struct session *s)
{
	char line[LINE_SIZE];

	/* For the whole line: a byte now and then does not prolong it. */
	conn_set_deadline(s->conn, s->patience);
	s->patience = s->config->command_timeout;
	switch (conn_getline(s->conn, line, sizeof(line))) {
	case CONN_LINE:
		answer(s, execute(s, line));
		break;
	case CONN_LONG:
		answer(s, reply(500, "5.5.2 Line too long"));
		break;
	case CONN_BAD:
		answer(s, reply(500, "5.5.2 A NUL, CR or LF in the line"));
		break;
	case CONN_END:
		s->state = DONE;
		break;
	}
}

void
lmtp_session(struct conn *conn, const struct config *config)
{
	struct session s = {
		.conn = conn,
		.config = config,
		.state = FRESH,
		.patience = config->command_timeout,
		.parcel = PARCEL_INIT,
	};

	conn_set_timeout(conn, config->command_timeout);
	answer(&s, reply(220, "%s LMTP Postlab", config->hostname));
	while (s.state != DONE)
		talk(&s);
	lmtp_envelope_clear(&s.envelope);
	parcel_clear(&s.parcel);
}
