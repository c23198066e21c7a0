/*
 * deliver.c - writes the copies.
 *
 * A copy leaves in one writev(2): the fields put in front, and the beginning
 * of the message, which is all of it up to 256 KiB.  Then the commit of
 * maildir.h: file, new/, two flushes.  The index is told last, behind the
 * answer, by a duplicate of the descriptor so that nothing is opened again; it
 * may fail as it likes.
 */
#include "mda/deliver.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "common/config.h"
#include "common/log.h"
#include "maildir/listing.h"
#include "mda/arriving.h"
#include "mda/mailboxes.h"
#include "mda/parcel.h"
#include "mda/warning.h"

/* One copy on its way. */
struct copy {
	struct open_mailbox *mailbox; /* where it counts */
	struct open_mailbox *box;     /* where it is: that, or a subfolder */
	const struct arrival *arrival;
	struct delivery delivery;
	struct buf front; /* the fields put before the message */
	int64_t front_lines;
	int64_t size;
	int fd; /* reads it once it is stored; -1 for none */
	char name[MAILDIR_NAME_MAX + 1];
};

void
deliver_prepare(struct arrival *arrival)
{
	arrival->lines -= arriving_drop_return_paths(&arrival->parcel->head);
}

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

/* 0 once the copy is durable; -1 with errno, and nothing of it is there. */
static int
store(struct copy *copy, const struct maildir *maildir)
{
	int64_t lines = copy->front_lines + copy->arrival->lines;
	struct maildir_draft draft;

	if (maildir_draft(maildir, &draft) == -1)
		return -1;
	if (write_copy(copy, draft.fd) == -1) {
		int saved = errno;

		maildir_abandon(maildir, &draft);
		errno = saved;
		return -1;
	}
	if (copy->fd != -1)
		close(copy->fd);
	copy->fd = fcntl(draft.fd, F_DUPFD_CLOEXEC, 0);
	return maildir_commit(maildir, &draft, copy->size, copy->size + lines,
	    copy->name);
}

static struct reply
storage_trouble(const char *login)
{
	if (errno == ENOSPC || errno == EDQUOT)
		return reply(452, "4.3.1 <%s> The disk is full", login);
	return reply(451, "4.3.0 <%s> Cannot store the message now", login);
}

/*
 * Stores COPY in the mailbox.  A folder that vanished between the look at it
 * and the draft is made anew, once.
 */
static struct reply
store_in_mailbox(struct copy *copy, const struct mailbox *mailbox, bool again)
{
	struct open_mailbox *box = mailboxes_get(mailbox->folder);
	struct reply room;

	if (box == NULL)
		return reply(451, "4.2.0 <%s> Cannot open the mailbox now",
		    mailbox->login);
	room = mailboxes_check_room(box, mailbox, copy->size);
	if (!reply_is_ok(&room))
		return room;
	copy->mailbox = copy->box = box;
	if (copy->arrival->config->mda_plus_folders)
		copy->box =
		    mailboxes_subfolder(box, mailbox, copy->delivery.recipient);
	if (store(copy, mailboxes_maildir(copy->box)) == -1) {
		if (errno != ENOENT || again)
			return storage_trouble(mailbox->login);
		mailboxes_forget(copy->box);
		return store_in_mailbox(copy, mailbox, true);
	}
	return reply(250, "2.1.5 <%s> Saved", mailbox->login);
}

static struct reply
take_in(struct copy *copy, const struct mailbox *mailbox, const char *original)
{
	const struct arrival *arrival = copy->arrival;

	if (arriving_was_delivered_to(&arrival->parcel->head, mailbox->login))
		return reply(554,
		    "5.4.6 <%s> Mail loop: it was delivered here before",
		    mailbox->login);

	copy->delivery = arrival->envelope;
	copy->delivery.recipient = original;
	make_front(copy, mailbox->login, original);
	return store_in_mailbox(copy, mailbox, false);
}

/* With the name by which pop3d tells who fetched it, for postlab trace. */
static void
log_copy(const struct copy *copy, const struct mailbox *mailbox,
    const struct reply *r)
{
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

/* What the client need not wait for. */
static void
follow_up(const struct copy *copy, const struct mailbox *mailbox)
{
	mailboxes_delivered(copy->box, copy->name, copy->fd, &copy->delivery);
	if (mailbox->quota > 0)
		warning_consider(copy->arrival->config, mailbox,
		    mailboxes_maildir(copy->mailbox),
		    mailboxes_add_usage(copy->mailbox, copy->size));
}

struct reply
deliver_copy(const struct arrival *arrival, const struct mailbox *mailbox,
    const char *original)
{
	struct copy copy = { .arrival = arrival, .front = BUF_INIT, .fd = -1 };
	struct reply r = take_in(&copy, mailbox, original);

	/* Who was answered may look for it in the log. */
	log_copy(&copy, mailbox, &r);
	if (arrival->answer != NULL)
		arrival->answer(arrival->arg, &r);
	if (reply_is_ok(&r))
		follow_up(&copy, mailbox);
	if (copy.fd != -1)
		close(copy.fd);
	buf_clear(&copy.front);
	return r;
}
