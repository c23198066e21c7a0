/*
 * submit.c - the letters of an outbox over one connection.
 *
 * The order of things keeps the promises.  An item is marked doubtful, durably,
 * before anything of it is offered; it goes to Sent, and is removed or replaced
 * by the rest of its recipients, before the next one's turn (submit_settle.c);
 * and the mark is taken off only when it is certain that the server has not
 * taken it.
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

#include "mua/outbox.h"
#include "mua/submit_letter.h"
#include "mua/submit_session.h"
#include "mua/submit_settle.h"

enum { TURN_SECONDS = 900 };

struct submission *
submission_new(const struct account *account, const char *outbox,
    const char *only)
{
	struct submission *submission = xcalloc(1, sizeof(*submission));

	submission->account = account;
	submission->outbox = xstrdup(outbox);
	submission->sent = xstrdup(account->sent);
	submission->only = xstrdup("");
	if (*only != '\0')
		submission_choose(submission, only);
	return submission;
}

void
submission_choose(struct submission *submission, const char *name)
{
	char *all = xasprintf("%s%s\n", submission->only, name);

	free(submission->only);
	submission->only = all;
}

/* Whether NAME is one of those that were chosen. */
static bool
is_chosen(const struct submission *submission, const char *name)
{
	size_t size = strlen(name);
	const char *line = submission->only;

	for (; *line != '\0'; line += strcspn(line, "\n") + 1)
		if (strncmp(line, name, size) == 0 && line[size] == '\n')
			return true;
	return false;
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

/* Sends one item.  False: there is no sense in going on. */
static bool
send_item(struct submit_session *session, const struct submission *submission,
    const struct maildir *box, const char *name, enum outbox_state state,
    struct tally *tally)
{
	struct outbox_item item;
	struct submit_letter letter;
	int fd = outbox_open(box, state, name, &item);
	bool going = true;

	if (fd == -1) {
		outbox_item_clear(&item);
		return true; /* another program took it away */
	}
	if (submit_letter_open(&letter, box, &item, fd) == -1 ||
	    outbox_mark(box, &item, OUTBOX_DOUBTFUL) == -1) {
		tally_note(tally, EX_IOERR, "The outbox cannot be written");
		going = false;
	} else {
		tally->reportless |= item.wants_report &&
		    (session->client.extensions & EXT_DSN) == 0;
		submit_letter_send(&letter, session, &item);
		submit_settle(submission, box, &item, &letter, tally);
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
		    : is_chosen(submission, names.names[i]);

		if (!wanted)
			continue;
		if (*task_stop(task) != 0)
			break;
		if (*submission->only == '\0')
			task_progress(task, i + 1, count, "%s", "");
		if (!send_item(session, submission, box, names.names[i],
			i < names.waiting ? OUTBOX_WAITING : OUTBOX_DOUBTFUL,
			tally))
			break;
	}
	outbox_names_clear(&names);
}

/* That all went, and what is not as it should be about it. */
static void
say_sent(struct task *task, const struct tally *tally)
{
	const char *lacking = tally->reportless
	    ? " (no report will come: the server does not do DSN)"
	    : "";

	if (tally->uncopied != 0)
		task_result(task,
		    "Sent; its copy stays in the outbox, Sent cannot be "
		    "written: %s",
		    strerror(tally->uncopied));
	else if (tally->sent == 1)
		task_result(task, "Sent%s", lacking);
	else
		task_result(task, "%zu letters sent%s", tally->sent, lacking);
}

/* The sentence at the end. */
static void
say_result(struct task *task, const struct tally *tally)
{
	if (tally->status == 0)
		say_sent(task, tally);
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
	submit_keep_late(submission, &box);
	if (submit_session_open(&session, task, submission) == 0)
		send_all(task, &session, submission, &box, &tally);
	else
		/* Who is not there today may be tomorrow. */
		tally_note(&tally,
		    session.dial.conn == NULL &&
			    session.dial.status != EX_CONFIG
			? EX_TEMPFAIL
			: session.dial.status,
		    session.dial.why);
	submit_session_close(&session);
	say_result(task, &tally);
	close(lock);
	maildir_close(&box);
	if (tally.status == 0 && tally.uncopied != 0)
		return EX_CANTCREAT;
	return tally.status;
}
