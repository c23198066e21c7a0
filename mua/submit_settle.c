/*
 * submit_settle.c - from the outbox to Sent, or back into the outbox.
 *
 * The rest of the recipients is put into the outbox before the letter leaves
 * it, so a kill in between leaves too much there, as doubtful, and never too
 * little.
 */
#include "mua/submit_settle.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "mua/copy.h"
#include "mua/submit.h"
#include "mua/submit_letter.h"

void
tally_note(struct tally *tally, int status, const char *why)
{
	if (tally->status != 0)
		return;
	tally->status = status;
	(void)copy_string(tally->why, sizeof(tally->why), why);
}

/*
 * Puts the message in FD (from its offset) into Sent, with Bcc, which did not
 * leave.  0, or -1 with errno.
 */
static int
keep_copy(const struct submission *submission, const struct outbox_item *item,
    int fd)
{
	char name[MAILDIR_NAME_MAX + 1];
	char flagged[MAILDIR_NAME_MAX + 1];
	struct buf header = BUF_INIT;
	struct maildir sent;
	int saved;
	int rc;

	if (*submission->sent == '\0')
		return 0;
	if (maildir_open(AT_FDCWD, submission->sent, true, &sent) == -1)
		return -1;
	if (*item->bcc != '\0')
		buf_printf(&header, "Bcc: %s\n", item->bcc);
	rc = copy_into_maildir(&sent, &header, fd, name);
	/* Nobody has to read what he has written himself. */
	if (rc == 0)
		(void)maildir_set_flags(&sent, true, name, "S", flagged);
	saved = errno;
	maildir_close(&sent);
	buf_clear(&header);
	errno = saved;
	return rc;
}

/*
 * What was sent leaves the outbox for Sent.  Where that cannot be written it
 * stays, as something that was sent.  0, or -1: it still seems to wait.
 */
static int
retire(const struct submission *submission, const struct maildir *box,
    struct outbox_item *item, int fd, struct tally *tally)
{
	(void)lseek(fd, 0, SEEK_SET);
	if (keep_copy(submission, item, fd) == 0)
		return outbox_remove(box, item);
	tally->uncopied = errno != 0 ? errno : EIO;
	return outbox_mark(box, item, OUTBOX_SENT);
}

void
submit_keep_late(const struct submission *submission, const struct maildir *box)
{
	struct outbox_names names;

	if (outbox_list(box, &names) == -1)
		return;
	for (size_t i = 0; i < names.sent; i++) {
		const char *name =
		    names.names[names.waiting + names.doubtful + i];
		struct outbox_item item;
		int fd = outbox_open(box, OUTBOX_SENT, name, &item);

		if (fd != -1 && keep_copy(submission, &item, fd) == 0)
			(void)outbox_remove(box, &item);
		if (fd != -1)
			close(fd);
		outbox_item_clear(&item);
	}
	outbox_names_clear(&names);
}

/* Puts an item with those alone who were refused into BOX. */
static int
put_rest(const struct submission *submission, const struct maildir *box,
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

		tally_note(tally,
		    reply_is_temporary(&to->reply) ? EX_TEMPFAIL : EX_NOUSER,
		    why);
		free(why);
		return;
	}
}

void
submit_settle(const struct submission *submission, const struct maildir *box,
    struct outbox_item *item, const struct submit_letter *letter,
    struct tally *tally)
{
	size_t accepted = count_accepted(letter);
	int rc = 0;

	if (letter->doubtful) {
		tally->doubtful++;
		tally_note(tally, SUBMIT_DOUBTFUL,
		    "The answer of the server was lost: the letter may have "
		    "been sent");
		return;
	}
	if (accepted == letter->count) {
		tally->sent++;
	} else {
		*(accepted > 0 ? &tally->partly : &tally->kept) += 1;
		note_refusal(tally, letter);
		rc = put_rest(submission, box, item, letter);
	}
	if (rc == 0 && accepted > 0)
		rc = retire(submission, box, item, letter->fd, tally);
	else if (rc == 0)
		rc = outbox_remove(box, item);
	if (rc == -1)
		tally_note(tally, EX_IOERR,
		    "The outbox cannot be written; it still holds what was "
		    "sent");
}
