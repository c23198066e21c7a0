/*
 * transaction.c - the TRANSACTION state of RFC 1939 5, and its end, the UPDATE
 * state of 6; but for the messages themselves, which are in retrieve.c.
 */
#include <inttypes.h>
#include <string.h>

#include "common/conn.h"
#include "pop3d/answer.h"
#include "pop3d/commands.h"
#include "pop3d/maildrop.h"

/* "2 messages" */
#define MESSAGES "%d message%s"
#define S(n) ((n) == 1 ? "" : "s")

enum {
	UIDL_SIZE = 71,   /* RFC 1939 7, and NUL */
	LINE_OCTETS = 85, /* of LIST and UIDL, at most */
};

static bool
has_argument(const char *argument)
{
	return argument[strspn(argument, " ")] != '\0';
}

struct reply
pop3_stat(struct session *session, char *argument)
{
	const struct maildrop *maildrop = session->maildrop;

	if (has_argument(argument))
		return reply_err(session, "%s stands alone", "STAT");
	return reply_ok(session, "%d %" PRId64, maildrop->left,
	    maildrop->octets);
}

struct reply
pop3_list(struct session *session, char *argument)
{
	const struct maildrop *maildrop = session->maildrop;
	const struct listing_entry *entries = maildrop->listing.entries;
	const char *cursor = argument;
	struct reply refusal;

	if (has_argument(argument)) {
		int i = argument_message(session, &cursor, "LIST", &refusal);

		if (i == -1)
			return refusal;
		return reply_ok(session, "%d %" PRId64, i + 1,
		    entries[i].octets);
	}
	session_expect_output(session, maildrop->left * (int64_t)LINE_OCTETS);
	answer_begin(session, MESSAGES " (%" PRId64 " octets)", maildrop->left,
	    S(maildrop->left), maildrop->octets);
	for (size_t i = 0; i < maildrop->listing.count; i++)
		if (!maildrop->deleted[i])
			conn_putline(session->conn, "%zu %" PRId64, i + 1,
			    entries[i].octets);
	conn_putline(session->conn, ".");
	return reply_said();
}

struct reply
pop3_uidl(struct session *session, char *argument)
{
	const struct maildrop *maildrop = session->maildrop;
	const struct listing_entry *entries = maildrop->listing.entries;
	const char *cursor = argument;
	char uidl[UIDL_SIZE];
	struct reply refusal;

	if (has_argument(argument)) {
		int i = argument_message(session, &cursor, "UIDL", &refusal);

		if (i == -1)
			return refusal;
		listing_uidl(entries[i].name, uidl, sizeof(uidl));
		return reply_ok(session, "%d %s", i + 1, uidl);
	}
	session_expect_output(session, maildrop->left * (int64_t)LINE_OCTETS);
	conn_putline(session->conn, "+OK");
	for (size_t i = 0; i < maildrop->listing.count; i++) {
		if (maildrop->deleted[i])
			continue;
		listing_uidl(entries[i].name, uidl, sizeof(uidl));
		conn_putline(session->conn, "%zu %s", i + 1, uidl);
	}
	conn_putline(session->conn, ".");
	return reply_said();
}

struct reply
pop3_dele(struct session *session, char *argument)
{
	const char *cursor = argument;
	struct reply refusal;
	int i = argument_message(session, &cursor, "DELE", &refusal);

	if (i == -1)
		return refusal;
	if (*cursor != '\0')
		return reply_err(session, "%s takes one message number",
		    "DELE");

	maildrop_delete(session->maildrop, i);
	return reply_ok(session, "message %d deleted", i + 1);
}

struct reply
pop3_rset(struct session *session, char *argument)
{
	struct maildrop *maildrop = session->maildrop;

	if (has_argument(argument))
		return reply_err(session, "%s stands alone", "RSET");
	maildrop_reset(maildrop);
	return reply_ok(session,
	    "maildrop has " MESSAGES " (%" PRId64 " octets)", maildrop->left,
	    S(maildrop->left), maildrop->octets);
}

struct reply
pop3_noop(struct session *session, char *argument)
{
	(void)argument;
	return reply_ok(session, "%s", "");
}

/* The +OK only after the removals would survive a power cut. */
static struct reply
update(struct session *session)
{
	struct maildrop *maildrop = session->maildrop;
	int rc = maildrop_update(maildrop);

	record_removed(session);
	if (rc == -1)
		return reply_err(session, "some deleted messages not removed");
	if (maildrop->left == 0)
		return reply_ok(session,
		    "POP3 server signing off (maildrop empty)");
	return reply_ok(session, "POP3 server signing off (" MESSAGES " left)",
	    maildrop->left, S(maildrop->left));
}

struct reply
pop3_quit(struct session *session, char *argument)
{
	if (has_argument(argument))
		return reply_err(session, "%s stands alone", "QUIT");
	session->farewell = "quit";
	if (session->state == TRANSACTION) {
		session->state = DONE;
		return update(session);
	}
	session->state = DONE;
	return reply_ok(session, "POP3 server signing off");
}
