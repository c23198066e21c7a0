/*
 * copy.c - writes a copy.
 *
 * It leaves in one writev(2): the fields put in front, and the beginning of the
 * message, which is all of it up to 256 KiB.  The index is told last, behind
 * the answer, by a duplicate of the descriptor so that nothing is opened again;
 * it may fail as it likes.
 */
#include "mda/copy.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "common/config.h"
#include "common/log.h"
#include "maildir/listing.h"
#include "maildir/maildir_name.h"
#include "mda/arriving.h"
#include "mda/mailboxes.h"
#include "mda/parcel.h"
#include "mda/warning.h"

static void
make_front(struct copy *copy, const char *login, const char *original)
{
	const struct arrival *arrival = copy->arrival;

	buf_printf(&copy->front,
	    "Return-Path: <%s>\nX-Original-To: %s\nDelivered-To: %s\n",
	    arrival->envelope.sender, original, login);
	copy->front_lines = 3;
	if (!arriving_has_header(&arrival->parcel->head)) {
		buf_addchar(&copy->front, '\n');
		copy->front_lines++;
	}
	copy->size = (int64_t)(copy->front.size + arrival->parcel->head.size) +
	    arrival->parcel->tail_size;
}

/* As writev(2), but all of it.  Changes the vector. */
static int
write_vector(int fd, struct iovec *vector, int count)
{
	while (count > 0) {
		ssize_t n = writev(fd, vector, count);
		size_t done;

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -1;
		done = (size_t)n;
		while (count > 0 && done >= vector->iov_len) {
			done -= vector->iov_len;
			vector++;
			count--;
		}
		if (count == 0)
			break;
		vector->iov_base = (char *)vector->iov_base + done;
		vector->iov_len -= done;
	}
	return 0;
}

static int
write_copy(const struct copy *copy, int fd)
{
	const struct parcel *parcel = copy->arrival->parcel;
	struct iovec vector[] = {
		{ copy->front.data, copy->front.size },
		{ parcel->head.data, parcel->head.size },
	};

	if (write_vector(fd, vector, COUNT(vector)) == -1)
		return log_errno("write a message");
	return parcel_copy_tail(parcel, fd);
}

/* The draft, whole but not flushed.  0, or -1 with errno. */
static int
write_draft(struct copy *copy)
{
	const struct maildir *maildir = mailboxes_maildir(copy->box);
	int64_t lines = copy->front_lines + copy->arrival->lines;

	if (maildir_draft(maildir, &copy->draft) == -1)
		return -1;
	if (write_copy(copy, copy->draft.fd) == -1) {
		maildir_abandon(maildir, &copy->draft);
		return -1;
	}
	copy->fd = fcntl(copy->draft.fd, F_DUPFD_CLOEXEC, 0);
	maildir_name_sized(copy->draft.name, copy->size, copy->size + lines,
	    copy->name);
	return 0;
}

void
copy_fail(struct copy *copy)
{
	const char *login = copy->mailbox->login;

	copy->reply = errno == ENOSPC || errno == EDQUOT
	    ? reply(452, "4.3.1 <%s> The disk is full", login)
	    : reply(451, "4.3.0 <%s> Cannot store the message now", login);
}

/*
 * The draft in the folder that was meant; in the mailbox where that one, made
 * by somebody else perhaps, takes none.
 */
static int
write_somewhere(struct copy *copy)
{
	if (write_draft(copy) == 0)
		return 0;
	if (copy->box == copy->counts || errno == ENOENT)
		return -1;
	copy->box = copy->counts;
	return write_draft(copy);
}

/*
 * The mailbox, with room for it, and the draft there.  A folder that vanished
 * between the look at it and the draft is made anew, once.
 */
static void
draft_in_mailbox(struct copy *copy, bool again)
{
	const struct mailbox *mailbox = copy->mailbox;
	struct open_mailbox *box = mailboxes_get(mailbox->folder);

	if (box == NULL) {
		copy->reply = reply(451,
		    "4.2.0 <%s> Cannot open the mailbox now", mailbox->login);
		return;
	}
	copy->reply = mailboxes_check_room(box, mailbox, copy->size);
	if (!reply_is_ok(&copy->reply))
		return;
	copy->counts = copy->box = box;
	if (copy->arrival->config->mda_plus_folders)
		copy->box =
		    mailboxes_subfolder(box, mailbox, copy->delivery.recipient);
	if (write_somewhere(copy) == 0) {
		copy->reply = reply(250, "2.0.0 <%s> Saved", mailbox->login);
	} else if (errno == ENOENT && !again) {
		mailboxes_forget(copy->box);
		draft_in_mailbox(copy, true);
	} else {
		copy_fail(copy);
	}
}

void
copy_begin(struct copy *copy, const struct arrival *arrival,
    const struct mailbox *mailbox, const char *original)
{
	*copy = (struct copy){
		.arrival = arrival,
		.mailbox = mailbox,
		.delivery = arrival->envelope,
		.front = BUF_INIT,
		.draft = { .fd = -1 },
		.fd = -1,
	};
	copy->delivery.recipient = original;
	if (arriving_was_delivered_to(&arrival->parcel->head, mailbox->login)) {
		copy->reply = reply(554,
		    "5.4.6 <%s> Mail loop: it was delivered here before",
		    mailbox->login);
		return;
	}
	make_front(copy, mailbox->login, original);
	draft_in_mailbox(copy, false);
}

void
copy_commit(struct copy *copy)
{
	bool again = false;

	while (reply_is_ok(&copy->reply) &&
	    maildir_commit_as(mailboxes_maildir(copy->box), &copy->draft, true,
		copy->name) == -1) {
		int saved = errno;

		if (copy->fd != -1)
			close(copy->fd);
		copy->fd = -1;
		errno = saved;
		if (errno != ENOENT || again) {
			copy_fail(copy);
			return;
		}
		again = true;
		mailboxes_forget(copy->box);
		draft_in_mailbox(copy, true);
	}
}

/* With the name by which pop3d tells who fetched it, for postlab trace. */
static void
log_copy(const struct copy *copy)
{
	const struct mailbox *mailbox = copy->mailbox;
	const struct reply *r = &copy->reply;
	const struct delivery *envelope = &copy->arrival->envelope;
	bool stored = reply_is_ok(r);
	const char *folder =
	    stored ? mailboxes_folder(copy->box) : mailbox->folder;
	char file[LISTING_UIDL_SIZE] = "";

	if (stored)
		listing_uidl(copy->name, file, sizeof(file));
	log_event(stored ? LOG_INFO : LOG_WARN,
	    stored ? "delivered" : "not-delivered",
	    "id=%s to=%s mailbox=%s file=%s size=%lld from=%s reply=%s",
	    log_safe(envelope->queue_id), log_safe(mailbox->login),
	    log_safe(folder), log_safe(file), (long long)copy->size,
	    log_safe(envelope->sender), log_safe(r->text));
}

void
copy_answer(const struct copy *copy)
{
	const struct arrival *arrival = copy->arrival;

	/* Who was answered may look for it in the log. */
	log_copy(copy);
	if (arrival->answer != NULL)
		arrival->answer(arrival->arg, &copy->reply);
}

/* What the client need not wait for. */
static void
follow_up(const struct copy *copy)
{
	mailboxes_delivered(copy->box, copy->name, copy->fd, &copy->delivery);
	if (copy->mailbox->quota > 0)
		warning_consider(copy->arrival->config, copy->mailbox,
		    mailboxes_maildir(copy->counts),
		    mailboxes_add_usage(copy->counts, copy->size));
}

void
copy_end(struct copy *copy)
{
	if (reply_is_ok(&copy->reply))
		follow_up(copy);
	if (copy->fd != -1)
		close(copy->fd);
	buf_clear(&copy->front);
}
