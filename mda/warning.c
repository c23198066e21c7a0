/*
 * warning.c - the message that a mailbox is nearly full.
 *
 * When it was last said is the time of a file in the Maildir, whose lock is
 * held meanwhile: of several workers one writes.  The message is told to
 * nobody; readers find it as they find what another program has put there.
 */
#include "mda/warning.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/log.h"

enum { DAY = 86400 };

static const char mark[] = "quota.warned";

static int
percent_of(const struct mailbox *mailbox, int64_t octets)
{
	return (int)((double)octets * 100 / (double)mailbox->quota);
}

/* Whether it is our turn: the mark, locked, or -1. */
static int
take_turn(const struct maildir *maildir)
{
	const int flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(maildir->root, mark, flags, 0600);
	struct stat st;

	if (fd == -1)
		return log_errno("open %s", mark);
	if (flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &st) == 0 &&
	    (st.st_size == 0 || time(NULL) - st.st_mtime >= DAY ||
		st.st_mtime > time(NULL)))
		return fd;
	close(fd);
	return -1;
}

static void
write_text(const struct config *config, const struct mailbox *mailbox,
    int64_t octets, struct buf *text)
{
	time_t now = time(NULL);
	char date[64];
	struct tm tm;

	strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S %z",
	    localtime_r(&now, &tm));
	buf_printf(text,
	    "Return-Path: <>\n"
	    "Delivered-To: %s\n"
	    "From: Mail Delivery System <MAILER-DAEMON@%s>\n"
	    "To: <%s>\n"
	    "Subject: Your mailbox is %d%% full\n"
	    "Date: %s\n"
	    "Message-Id: <quota.%" PRId64 ".%ld@%s>\n"
	    "Auto-Submitted: auto-generated\n"
	    "MIME-Version: 1.0\n"
	    "Content-Type: text/plain; charset=us-ascii\n"
	    "\n",
	    mailbox->login, config->hostname, mailbox->login,
	    percent_of(mailbox, octets), date, (int64_t)now, (long)getpid(),
	    config->hostname);
	buf_printf(text,
	    "The mail of %s takes %" PRId64 " of the %" PRId64
	    " bytes it may take.\n"
	    "\n"
	    "When it is full, new mail is not lost, but refused: its senders "
	    "try again\nfor some days and are told then. Make room by "
	    "fetching or deleting old\nmail, or ask postmaster@%s for more.\n"
	    "\n"
	    "This is said once a day at most.\n",
	    mailbox->login, octets, mailbox->quota, config->domain);
}

static int
store(const struct maildir *maildir, const struct buf *text)
{
	char name[MAILDIR_NAME_MAX + 1];
	struct maildir_draft draft;

	if (maildir_draft(maildir, &draft) == -1)
		return -1;
	if (write_all(draft.fd, text->data, text->size) == -1) {
		maildir_abandon(maildir, &draft);
		return log_errno("write the warning of a full mailbox");
	}
	return maildir_commit(maildir, &draft, (int64_t)text->size,
	    maildir_wire_octets(text->data, text->size), name);
}

void
warning_consider(const struct config *config, const struct mailbox *mailbox,
    const struct maildir *maildir, int64_t octets)
{
	const int share = config->mda_quota_warning;
	struct buf text = BUF_INIT;
	int fd;

	if (mailbox->quota <= 0 || share == 0 ||
	    percent_of(mailbox, octets) < share)
		return;
	fd = take_turn(maildir);
	if (fd == -1)
		return;
	write_text(config, mailbox, octets, &text);
	if (store(maildir, &text) == 0 && pwrite(fd, "\n", 1, 0) != 1)
		log_errno("write %s", mark);
	log_event(LOG_INFO, "nearly-full",
	    "mailbox=%s octets=%" PRId64 " quota=%" PRId64,
	    log_safe(mailbox->login), octets, mailbox->quota);
	close(fd);
	buf_clear(&text);
}
