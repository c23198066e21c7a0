/*
 * submit.c - the letters of an outbox over one connection.
 *
 * The order of things keeps the promises.  An item is marked doubtful, durably,
 * before anything of it is offered; it goes to Sent, and is removed or replaced
 * by the rest of its recipients, before the next one's turn; and the mark is
 * taken off only when it is certain that the server has not taken it.
 */
#include "mua/submit.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "mua/copy.h"
#include "mua/outbox.h"
#include "mua/submit_letter.h"
#include "mua/submit_session.h"

enum { TURN_SECONDS = 900 };

/* How it went so far. */
struct tally {
	size_t sent;     /* letters, to all their recipients */
	size_t partly;   /* to some of them */
	size_t kept;     /* to nobody */
	size_t doubtful; /* nobody knows */
	bool forgotten;  /* submission->forgets */
	bool reportless; /* a report was asked for, and none will come */
	int status;      /* of the first trouble */
	char why[DIAL_SENTENCE];
};

struct submission *
submission_new(const struct account *account, const char *outbox,
    const char *only)
{
	struct submission *submission = xcalloc(1, sizeof(*submission));

	submission->account = account;
	submission->outbox = xstrdup(outbox);
	submission->sent = xstrdup(account->sent);
	submission->only = xstrdup(only);
	return submission;
}

void
submission_free(void *arg)
{
	struct submission *submission = arg;

	if (submission == NULL)
		return;
	password_forget(&submission->password);
	free(submission->outbox);
	free(submission->sent);
	free(submission->only);
	free(submission);
}

bool
submission_needs_password(const struct account *account)
{
	return strcasecmp(account->smtp.auth, "NONE") != 0;
}

static void
note_trouble(struct tally *tally, int status, const char *why)
{
	if (tally->status != 0)
		return;
	tally->status = status;
	(void)copy_string(tally->why, sizeof(tally->why), why);
}

/* The copy in Sent, with Bcc, which did not leave.  0, or -1 with errno. */
static int
keep_copy(const struct submission *submission, const struct outbox_item *item,
    int fd)
{
	char name[MAILDIR_NAME_MAX + 1];
	char flagged[MAILDIR_NAME_MAX + 1];
	struct buf header = BUF_INIT;
	struct maildir sent;
	int rc;

	if (*submission->sent == '\0')
		return 0;
	if (maildir_open(AT_FDCWD, submission->sent, true, &sent) == -1)
		return -1;
	if (*item->bcc != '\0')
		buf_printf(&header, "Bcc: %s\n", item->bcc);
	(void)lseek(fd, 0, SEEK_SET);
	rc = copy_into_maildir(&sent, &header, fd, name);
	/* Nobody has to read what he has written himself. */
	if (rc == 0)
		(void)maildir_set_flags(&sent, true, name, "S", flagged);
	maildir_close(&sent);
	buf_clear(&header);
	return rc;
}

/* The item with those alone who were refused, in place of ITEM. */
static int
replace(const struct submission *submission, const struct maildir *box,
    const struct outbox_item *item, const struct submit_letter *letter)
{
	char name[MAILDIR_NAME_MAX + 1];
	struct outbox_item rest;
	int rc;

	outbox_item_init(&rest);
	free(rest.sender);
	rest.sender = xstrdup(item->sender);
	free(rest.bcc);
	rest.bcc = xstrdup(item->bcc);
	rest.wants_report = item->wants_report;
	for (size_t i = 0; i < letter->count; i++) {
		const struct reply *r = &letter->recipients[i].reply;
		char words[REPLY_TEXT_MAX + 8];

		if (reply_is_ok(r) ||
		    (submission->forgets && reply_is_final(r)))
			continue;
		(void)snprintf(words, sizeof(words), "%d %s", r->code, r->text);
		outbox_item_add(&rest, letter->recipients[i].address, words);
	}
	(void)lseek(letter->fd, 0, SEEK_SET);
	rc = rest.count == 0 ? 0 : outbox_put(box, &rest, letter->fd, name);
	if (rc == 0)
		rc = outbox_remove(box, item);
	outbox_item_clear(&rest);
	return rc;
}

/* Those of LETTER who were accepted. */
static size_t
count_accepted(const struct submit_letter *letter)
{
	size_t accepted = 0;

	for (size_t i = 0; i < letter->count; i++)
		accepted += reply_is_ok(&letter->recipients[i].reply);
	return accepted;
}

/* Names the first who was refused, with the server's words. */
static void
note_refusal(struct tally *tally, const struct submit_letter *letter)
{
	for (size_t i = 0; i < letter->count; i++) {
		const struct smtp_recipient *to = &letter->recipients[i];

		char *why;

		if (reply_is_ok(&to->reply))
			continue;
		why = xasprintf("%s: %d %s", to->address, to->reply.code,
		    to->reply.text);

		note_trouble(tally,
		    reply_is_temporary(&to->reply) ? EX_TEMPFAIL : EX_NOUSER,
		    why);
		free(why);
		return;
	}
}

/* What becomes of an item whose transaction is over. */
static void
settle(const struct submission *submission, const struct maildir *box,
    struct outbox_item *item, const struct submit_letter *letter,
    struct tally *tally)
{
	size_t accepted = count_accepted(letter);
	int rc = 0;

	if (letter->doubtful) {
		tally->doubtful++;
		note_trouble(tally, SUBMIT_DOUBTFUL,
		    "The answer of the server was lost: the letter may have "
		    "been sent");
		return;
	}
	if (accepted > 0)
		rc = keep_copy(submission, item, letter->fd);
	if (rc == -1)
		note_trouble(tally, EX_CANTCREAT,
		    "It was sent, but no copy could be kept in Sent");
	if (accepted == letter->count) {
		tally->sent++;
		rc = outbox_remove(box, item);
	} else {
		*(accepted > 0 ? &tally->partly : &tally->kept) += 1;
		note_refusal(tally, letter);
		rc = replace(submission, box, item, letter);
	}
	if (rc == -1)
		note_trouble(tally, EX_IOERR,
		    "The outbox cannot be written; it still holds what was "
		    "sent");
}

/* Sends one item.  False: there is no sense in going on. */
static bool
send_item(struct submit_session *session, const struct submission *submission,
    const struct maildir *box, const char *name, bool doubtful,
    struct tally *tally)
{
	struct outbox_item item;
	struct submit_letter letter;
	int fd = outbox_open(box, doubtful, name, &item);
	bool going = true;

	if (fd == -1) {
		outbox_item_clear(&item);
		return true; /* another program took it away */
	}
	if (submit_letter_open(&letter, box, &item, fd) == -1 ||
	    outbox_mark(box, &item, true) == -1) {
		note_trouble(tally, EX_IOERR, "The outbox cannot be written");
		going = false;
	} else {
		tally->reportless |= item.wants_report &&
		    (session->client.extensions & EXT_DSN) == 0;
		submit_letter_send(&letter, session, &item);
		settle(submission, box, &item, &letter, tally);
		going = !session->client.broken;
	}
	submit_letter_close(&letter);
	close(fd);
	outbox_item_clear(&item);
	return going;
}

static void
send_all(struct task *task, struct submit_session *session,
    const struct submission *submission, const struct maildir *box,
    struct tally *tally)
{
	struct outbox_names names;
	size_t count;

	if (outbox_list(box, &names) == -1)
		return;
	count = names.waiting + (submission->doubtful ? names.doubtful : 0);
	for (size_t i = 0; i < names.waiting + names.doubtful; i++) {
		bool wanted = *submission->only == '\0'
		    ? i < count
		    : strcmp(names.names[i], submission->only) == 0;

		if (!wanted)
			continue;
		if (*task_stop(task) != 0)
			break;
		if (*submission->only == '\0')
			task_progress(task, i + 1, count, "%s", "");
		if (!send_item(session, submission, box, names.names[i],
			i >= names.waiting, tally))
			break;
	}
	outbox_names_clear(&names);
}

/* The sentence at the end. */
static void
say_result(struct task *task, const struct tally *tally)
{
	const char *lacking = tally->reportless
	    ? " (no report will come: the server does not do DSN)"
	    : "";

	if (tally->status == 0 && tally->sent == 1)
		task_result(task, "Sent%s", lacking);
	else if (tally->status == 0)
		task_result(task, "%zu letters sent%s", tally->sent, lacking);
	else if (tally->doubtful > 0)
		task_result(task, "%s; it stays in the outbox", tally->why);
	else if (tally->partly > 0)
		task_result(task, "Sent, but not to all: %s", tally->why);
	else if (tally->kept > 0 && tally->forgotten)
		task_result(task, "Not sent: %s", tally->why);
	else if (tally->kept > 0)
		task_result(task, "Not sent, kept in the outbox: %s",
		    tally->why);
	else
		task_result(task, "%s (it waits in the outbox)", tally->why);
}

/* Waits a moment; the order to stop ends it. */
static void
pause_a_moment(void)
{
	const struct timespec moment = { .tv_nsec = 200 * 1000 * 1000 };
	sigset_t mask;

	sigprocmask(SIG_SETMASK, NULL, &mask);
	sigdelset(&mask, SIGTERM);
	(void)ppoll(NULL, 0, &moment, &mask);
}

/* The lock, when the letter before is done; -1: not in time, or stopped. */
static int
wait_for_turn(struct task *task, const struct maildir *box)
{
	time_t end = time(NULL) + TURN_SECONDS;
	int lock = outbox_lock(box);

	while (lock == -1 && time(NULL) < end && *task_stop(task) == 0) {
		task_progress(task, 0, 0, "waiting for the one before");
		pause_a_moment();
		lock = outbox_lock(box);
	}
	return lock;
}

int
submit_work(struct task *task, void *arg)
{
	struct submission *submission = arg;
	struct submit_session session;
	struct tally tally = { .forgotten = submission->forgets };
	struct maildir box;
	int lock;

	if (maildir_open(AT_FDCWD, submission->outbox, false, &box) == -1) {
		task_result(task, "The outbox cannot be opened: %s",
		    strerror(errno));
		return EX_NOINPUT;
	}
	lock = wait_for_turn(task, &box);
	if (lock == -1) {
		task_result(task,
		    "Others are sent from the outbox; it waits there");
		maildir_close(&box);
		return EX_TEMPFAIL;
	}
	if (submit_session_open(&session, task, submission) == 0)
		send_all(task, &session, submission, &box, &tally);
	else
		/* Who is not there today may be tomorrow. */
		note_trouble(&tally,
		    session.dial.conn == NULL &&
			    session.dial.status != EX_CONFIG
			? EX_TEMPFAIL
			: session.dial.status,
		    session.dial.why);
	submit_session_close(&session);
	say_result(task, &tally);
	close(lock);
	maildir_close(&box);
	return tally.status;
}
