/* faults.c - from a fault that is written to one that happens. */
#include "smtpd/faults.h"

#include <limits.h>
#include <time.h>

#include "common/conn.h"
#include "common/directory.h"
#include "common/log.h"
#include "smtpd/session.h"

enum { SILENCE_MAX = 1800 /* seconds; RFC 5321 4.5.3.2: at most 10 minutes */ };

static time_t begun;

/* What a server with such trouble says (RFC 5321 4.2.3, RFC 3463). */
static const struct {
	int code;
	const char *text;
} words[] = {
	/* clang-format off */
	{ 421, "4.3.2 Service not available" },
	{ 450, "4.2.1 Mailbox busy" },
	{ 451, "4.3.0 Local error in processing" },
	{ 452, "4.2.2 Mailbox full" },
	{ 454, "4.7.0 Temporary failure" },
	{ 550, "5.1.1 User unknown" },
	{ 551, "5.1.6 User has moved" },
	{ 552, "5.2.2 Mailbox full" },
	{ 553, "5.1.3 Mailbox name not allowed" },
	{ 554, "5.7.1 Transaction failed" },
	{ 556, "5.1.10 Domain does not accept mail" },
	/* clang-format on */
};

void
faults_start(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	begun = now.tv_sec;
}

static int
seconds_since(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec - begun > INT_MAX ? INT_MAX
					    : (int)(now.tv_sec - begun);
}

/* What the time table has for PLACE at this moment. */
static struct fault
look_up(const struct listener *listener, enum fault_place place)
{
	const char *list = listener->fault_times;
	int now = seconds_since();
	struct fault_time row;
	bool wrong;

	while (fault_next_time(&list, &row, &wrong))
		if (row.fault.place == place && now >= row.from && now < row.to)
			return row.fault;
	return (struct fault){ .kind = FAULT_NONE };
}

/* Says nothing more, until the client goes. */
static void
keep_silent(struct session *s)
{
	char line[DOMAIN_MAX];

	conn_flush(s->conn);
	conn_set_timeout(s->conn, SILENCE_MAX);
	conn_set_deadline(s->conn, SILENCE_MAX);
	while (conn_getline(s->conn, line, sizeof(line)) != CONN_END)
		continue;
}

static struct reply
make_reply(int code)
{
	const char *text = code < 500 ? "4.0.0 Error" : "5.0.0 Error";

	for (size_t i = 0; i < COUNT(words); i++)
		if (words[i].code == code)
			text = words[i].text;
	return reply(code, "%s (a fault made on purpose)", text);
}

/* Lets FAULT happen. */
static struct reply
make(struct session *s, const struct fault *fault)
{
	static const char *const kinds[] = {
		[FAULT_NONE] = "none",
		[FAULT_REPLY] = "reply",
		[FAULT_TIMEOUT] = "timeout",
		[FAULT_CLOSE] = "close",
	};

	log_event(LOG_INFO, "fault", "%s kind=%s code=%d",
	    s->transaction.envelope.id[0] == '\0'
		? peer_log(s->peer)
		: envelope_log(&s->transaction.envelope),
	    kinds[fault->kind], fault->code);
	if (fault->kind == FAULT_REPLY && fault->code != 421 &&
	    fault->place != FAULT_CONNECT)
		return make_reply(fault->code);
	s->farewell = "a fault made on purpose";
	if (fault->kind == FAULT_TIMEOUT)
		keep_silent(s);
	s->state = DONE;
	return fault->kind == FAULT_REPLY ? make_reply(fault->code)
					  : (struct reply){ 0 };
}

bool
faults_meet(struct session *s, enum fault_place place, struct reply *reply_out)
{
	struct fault fault;

	if (!s->listener->faults)
		return false;
	fault = s->transaction.faults[place];
	if (fault.kind == FAULT_NONE)
		fault = look_up(s->listener, place);
	if (fault.kind == FAULT_NONE)
		return false;
	*reply_out = make(s, &fault);
	return true;
}

static bool
is_ours(struct session *s, const struct address *recipient)
{
	struct directory *directory = session_directory(s);

	return directory != NULL &&
	    directory_has_domain(directory, recipient->domain) == LOOKUP_YES;
}

bool
faults_take_recipient(struct session *s, const struct address *recipient,
    struct reply *reply_out)
{
	struct fault fault;

	if (!s->listener->faults)
		return false;
	fault = fault_parse(recipient->local);
	if (fault.kind == FAULT_NONE || !is_ours(s, recipient))
		return faults_meet(s, FAULT_RCPT, reply_out);
	if (fault.place == FAULT_RCPT) {
		*reply_out = make(s, &fault);
		return true;
	}
	if (fault.place != FAULT_DATA && fault.place != FAULT_AFTERDOT)
		return false;
	s->transaction.faults[fault.place] = fault;
	transaction_accept(&s->transaction, recipient, NULL, 0, "");
	*reply_out = reply(250, "2.1.5 Ok");
	return true;
}
