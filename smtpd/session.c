/*
 * session.c - the loop, and the one place that sends replies.
 *
 * Nobody holds a worker for ever: each command has its time, DATA has its own,
 * wrong commands are counted (slower after SLOW_AFTER, the end after
 * ERRORS_MAX) and so are those that bring no mail nearer.
 */
#include "smtpd/session.h"

#include <poll.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>

#include "common/auth.h"
#include "common/conn.h"
#include "common/directory.h"
#include "common/explain.h"
#include "common/log.h"
#include "common/tls.h"
#include "common/transcript.h"
#include "smtpd/commands.h"
#include "smtpd/faults.h"
#include "smtpd/foreign.h"

enum {
	COMMAND_LINE_MAX = 512,
	SLOW_AFTER = 10,  /* errors since the last message */
	ERRORS_MAX = 20,  /* then it is over */
	IDLE_MAX = 100,   /* commands without a message, likewise */
	SLOW_DOWN = 1000, /* milliseconds */
	HANG_UP = 2,      /* seconds, see hang_up() */
};

struct directory *
session_directory(struct session *s)
{
	/* Late: an idle worker needs no database. */
	if (s->service->directory == NULL)
		s->service->directory = directory_open(false);
	return s->service->directory;
}

void
session_reset(struct session *s)
{
	transaction_clear(&s->transaction);
	s->data_over = false;
	if ((s->state & (SENDER | RCPTS | CHUNKS)) != 0)
		s->state = READY;
}

void
session_forget(struct session *s)
{
	session_reset(s);
	s->state = FRESH;
	s->helo[0] = '\0';
	s->login[0] = '\0';
	s->extended = false;
}

static struct reply
give_up(struct session *s, const char *why)
{
	s->state = DONE;
	s->farewell = why;
	return reply(421, "4.7.0 %s Error: %s", s->service->config->hostname,
	    why);
}

static struct reply
unknown_command(struct session *s, const char *name)
{
	const struct command *meant = command_guess(name);
	const char *foreign = foreign_talk(name);

	if (foreign != NULL)
		return give_up(s, foreign);
	if (meant != NULL)
		return reply(500,
		    "5.5.2 Error: command not recognized; did you mean %s?",
		    meant->name);
	return reply(500, "5.5.2 Error: command not recognized");
}

static struct reply
broken_line(struct session *s, const char *line)
{
	const char *foreign = foreign_talk(line);

	if (foreign != NULL)
		return give_up(s, foreign);
	return refuse_line(s, line,
	    reply(500,
		"5.5.2 Error: NUL, bare <CR> or bare <LF> in a command; lines "
		"end in <CR><LF>"));
}

/* Ends the name in LINE; returns what follows, without blanks around it. */
static char *
cut_name(char *line)
{
	size_t size = strlen(line);
	char *argument;

	while (size > 0 && (line[size - 1] == ' ' || line[size - 1] == '\t'))
		line[--size] = '\0';
	argument = line + strcspn(line, " \t");
	if (*argument != '\0')
		*argument++ = '\0';
	return argument + strspn(argument, " \t");
}

static struct reply
out_of_order(const struct session *s, const struct command *command)
{
	const char *why = command->missing;

	if (s->state == FRESH)
		why = "send HELO/EHLO first";
	else if (s->state == CHUNKS)
		why = "after BDAT comes BDAT, until LAST";
	return reply(503, "5.5.1 Error: %s", why);
}

/* What may be said before EHLO brings no mail nearer; nor does ETRN here. */
static bool
is_idle(const struct command *command)
{
	if (command->run == command_quit || command->run == command_bdat)
		return false;
	return (command->allowed & FRESH) != 0 || command->run == command_etrn;
}

/*
 * RFC 3207 4 has a list of what needs no STARTTLS; RSET and HELP do no harm,
 * HELO is told at MAIL, and BDAT must take its octets whatever it answers.
 */
static bool
needs_no_tls(const struct command *command)
{
	static const char *const names[] = { "EHLO", "HELO", "STARTTLS", "NOOP",
		"QUIT", "RSET", "HELP", "BDAT" };

	for (size_t i = 0; i < COUNT(names); i++)
		if (strcmp(command->name, names[i]) == 0)
			return true;
	return false;
}

struct reply
session_execute(struct session *s, char *line)
{
	size_t size = strlen(line) + strlen("\r\n");
	char *argument = cut_name(line);
	const struct command *command = command_find(line);
	size_t limit = command == NULL ? COMMAND_LINE_MAX : command->line_max;

	if (size > limit)
		return refuse_line(s, line,
		    reply(500, "5.5.2 Error: line too long"));
	if (command == NULL)
		return unknown_command(s, line);
	if (command->allowed == 0 ||
	    (command->extension != NULL &&
		!config_offers(s->listener, command->extension)))
		return reply(502, "5.5.1 Error: command not implemented");
	if (starttls_must_come_first(s) && !needs_no_tls(command))
		return reply(530, "5.7.0 Must issue a STARTTLS command first");
	if ((command->allowed & s->state) == 0)
		return out_of_order(s, command);
	if (is_idle(command) && ++s->idle > IDLE_MAX)
		return give_up(s, "too many commands and no mail");
	return command->run(s, argument);
}

/* The first line is for the log; what explains it is for the client. */
static void
log_refusal(const struct session *s, const struct reply *r)
{
	const struct queue_entry *envelope = &s->transaction.envelope;
	const char *text = log_safe_bytes(r->text, strcspn(r->text, "\n"));

	if (envelope->id[0] != '\0')
		log_event(LOG_INFO, "refused", "%s code=%d reply=%s",
		    envelope_log(envelope), r->code, text);
	else
		log_event(LOG_INFO, "refused",
		    "%s helo=%s login=%s code=%d reply=%s", peer_log(s->peer),
		    log_safe(s->helo), log_safe(s->login), r->code, text);
}

/* One reply, which may have several lines (RFC 5321 4.2.1). */
static void
put_reply(struct session *s, const struct reply *r)
{
	const char *line = r->text;
	const char *end;

	while ((end = strchr(line, '\n')) != NULL) {
		conn_putline(s->conn, "%d-%.*s", r->code, (int)(end - line),
		    line);
		line = end + 1;
	}
	conn_putline(s->conn, "%d %s", r->code, line);
}

/*
 * Counts an error; makes the client wait, or gives up on it.  A 4xx is not the
 * client's: who names a recipient too many does as RFC 5321 4.5.3.1.10 says.
 */
static struct reply
count_error(struct session *s, struct reply r)
{
	if (r.code < 500 || s->state == DONE)
		return r;
	s->errors++;
	if (s->errors >= ERRORS_MAX)
		return give_up(s, "too many errors");
	if (s->errors > SLOW_AFTER) {
		/* What was answered before must not wait as well. */
		conn_flush(s->conn);
		(void)poll(NULL, 0, SLOW_DOWN);
	}
	return r;
}

/* Sends the one reply to a command. */
static void
answer(struct session *s, struct reply r)
{
	if (r.code >= 400) {
		log_refusal(s, &r);
		r = count_error(s, r);
		if (s->listener->explain)
			r = explain(&r, s->typed);
	}
	if (r.code != 0)
		put_reply(s, &r);
	s->typed[0] = '\0';
	if (s->data_over && r.code / 100 == 2) {
		s->messages++;
		transcript_message(s->transcript, s->transaction.envelope.id);
		s->errors = s->idle = 0;
	}
	if (s->data_over)
		session_reset(s);
}

/* 220, unless the client could not wait for it. */
static struct reply
greeting(struct session *s)
{
	struct pollfd input = { .fd = conn_fd(s->conn), .events = POLLIN };
	const char *hostname = s->service->config->hostname;
	struct reply r = reply(220, "%s ESMTP%s%s", hostname,
	    *s->listener->banner == '\0' ? "" : " ", s->listener->banner);

	/*
	 * RFC 5321 3.1 and 4.3.1: who speaks before the greeting follows a
	 * script and no protocol.  521 (RFC 7504) as Postfix's postscreen.
	 */
	if (s->listener->leniency == STRICT &&
	    s->listener->tls != TLS_IMPLICIT && poll(&input, 1, 0) == 1 &&
	    (input.revents & POLLIN) != 0) {
		s->farewell = "spoke before the greeting";
		s->state = DONE;
		return reply(521,
		    "5.5.1 %s Error: you spoke before the greeting", hostname);
	}
	(void)faults_meet(s, FAULT_CONNECT, &r);
	return r;
}

static void
converse(struct session *s)
{
	char line[AUTH_LINE_MAX + 1];

	while (s->state != DONE) {
		conn_set_deadline(s->conn, s->service->config->command_timeout);
		switch (conn_getline(s->conn, line, sizeof(line))) {
		case CONN_LINE:
			(void)copy_string(s->typed, sizeof(s->typed), line);
			answer(s, session_execute(s, line));
			break;
		case CONN_LONG:
			answer(s,
			    refuse_line(s, line,
				reply(500, "5.5.2 Error: line too long")));
			break;
		case CONN_BAD:
			answer(s, broken_line(s, line));
			break;
		case CONN_END:
			s->state = DONE;
			break;
		}
	}
}

/*
 * It was given up while the client still sends.  To close now would be to reset
 * the connection, and the client might never see the answer: what comes is read
 * for a moment and thrown away.
 */
static void
hang_up(struct session *s)
{
	struct pollfd input = { .fd = conn_fd(s->conn), .events = POLLIN };
	const time_t end = time(NULL) + HANG_UP;
	char ignored[4096];

	conn_flush(s->conn);
	(void)shutdown(input.fd, SHUT_WR);
	while (time(NULL) < end && poll(&input, 1, SLOW_DOWN) == 1 &&
	    recv(input.fd, ignored, sizeof(ignored), MSG_DONTWAIT) > 0)
		continue;
}

/* The connection ended without QUIT: says why where the client may listen. */
static void
take_leave(struct session *s)
{
	const char *hostname = s->service->config->hostname;
	const char *error = conn_error(s->conn);

	if (error == NULL)
		return;
	if (s->farewell == NULL)
		s->farewell = error;
	if (server_stop != 0)
		conn_putline(s->conn, "421 4.3.2 %s Error: shutting down",
		    hostname);
	else if (strcmp(error, "timed out") == 0 ||
	    strcmp(error, "took too long") == 0)
		conn_putline(s->conn, "421 4.4.2 %s Error: timeout exceeded",
		    hostname);
}

static void
log_session(const struct session *s, time_t begun)
{
	const char *tls = tls_describe(s->conn);

	log_event(LOG_INFO, "session",
	    "%s listener=%s helo=%s login=%s tls=%s messages=%d "
	    "seconds=%lld end=%s",
	    peer_log(s->peer), s->listener->name, log_safe(s->helo),
	    log_safe(s->login), log_safe(tls == NULL ? "no" : tls), s->messages,
	    (long long)(time(NULL) - begun),
	    log_safe(s->farewell == NULL ? "lost" : s->farewell));
}

/* Implicit TLS comes before the first word. */
static bool
start_tls(struct session *s)
{
	if (s->listener->tls != TLS_IMPLICIT)
		return true;
	if (server_tls() != NULL &&
	    tls_accept(s->conn, server_tls(), NULL) == 0)
		return true;
	s->farewell = "TLS handshake failed";
	return false;
}

enum served
smtp_session(struct service *service, struct conn *conn,
    const struct listener *listener, const struct peer *peer)
{
	struct session s = {
		.service = service,
		.conn = conn,
		.listener = listener,
		.peer = peer,
		.state = FRESH,
	};
	time_t begun = time(NULL);

	conn_set_timeout(conn, service->config->command_timeout);
	conn_set_deadline(conn, service->config->command_timeout);
	conn_set_lenient(conn, listener->leniency == CLASSROOM);
	s.transcript = transcript_begin(conn,
	    &(struct transcript_start){ "smtpd", listener, peer, s.helo,
		s.login });
	if (start_tls(&s)) {
		answer(&s, greeting(&s));
		converse(&s);
		take_leave(&s);
		if (s.data_lost)
			hang_up(&s);
	}
	session_reset(&s);
	log_session(&s, begun);
	transcript_end(s.transcript, s.farewell == NULL ? "lost" : s.farewell);
	return s.was_logged_in ? SERVED_EXIT : SERVED_REUSE;
}
