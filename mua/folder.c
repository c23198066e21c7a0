/*
 * folder.c - adds messages to a Maildir or an mbox.
 *
 * An mbox is locked by fcntl() while it is open, as mutt, Postfix and Dovecot
 * do; a message that does not fit is cut off again.
 * Limit: no FILE.lock beside it; spool files in /var/mail are not our business.
 */
#include "mua/folder.h"

#include "maildir/mbox.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LOCK_TRIES = 50, LOCK_PAUSE_MICROSECONDS = 100000 };

struct folder {
	enum folder_kind kind;
	struct maildir maildir;
	FILE *mbox;
};

/* Whether the file at PATH is empty or begins as an mbox does. */
static bool
is_mbox(const char *path)
{
	struct mbox_message message;
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;
	bool is = false;

	if (file == NULL)
		return false;
	is = getline(&line, &room, file) == -1 ? feof(file) != 0
					       : mbox_from_line(line, &message);
	free(line);
	fclose(file);
	return is;
}

enum folder_kind
folder_look(const char *path)
{
	struct stat st;

	if (stat(path, &st) == -1)
		return errno == ENOENT ? FOLDER_MISSING : FOLDER_OTHER;
	if (S_ISDIR(st.st_mode) && mailbox_is_maildir(path))
		return FOLDER_MAILDIR;
	if (S_ISREG(st.st_mode) && is_mbox(path))
		return FOLDER_MBOX;
	return FOLDER_OTHER;
}

/* Waits some seconds for who else writes there. */
static int
lock_file(int fd)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	for (int i = 0; i < LOCK_TRIES; i++) {
		if (fcntl(fd, F_SETLK, &lock) == 0)
			return 0;
		if (errno != EACCES && errno != EAGAIN)
			return -1;
		usleep(LOCK_PAUSE_MICROSECONDS);
	}
	errno = EWOULDBLOCK;
	return -1;
}

static FILE *
open_mbox(const char *path)
{
	int fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY,
	    0600);
	FILE *file = NULL;
	int why;

	if (fd == -1)
		return NULL;
	if (lock_file(fd) == 0)
		file = fdopen(fd, "a");
	if (file == NULL) {
		why = errno;
		close(fd);
		errno = why;
	}
	return file;
}

struct folder *
folder_open(const char *path, enum folder_kind kind)
{
	struct folder *folder = xcalloc(1, sizeof(*folder));
	bool opened;

	folder->kind = kind;
	if (kind == FOLDER_MBOX) {
		folder->mbox = open_mbox(path);
		opened = folder->mbox != NULL;
	} else {
		opened =
		    maildir_open(AT_FDCWD, path, true, &folder->maildir) == 0;
	}
	if (opened)
		return folder;
	free(folder);
	return NULL;
}

/* Copies FROM whole into TO.  0, or -1 with errno. */
static int
copy(int from, int to)
{
	struct buf piece = BUF_INIT;
	int more = 1;

	while (more == 1) {
		enum { PIECE = 1 << 16 };

		buf_reset(&piece);
		more = buf_read(&piece, from, PIECE);
		if (more == -1 || write_all(to, piece.data, piece.size) == -1) {
			more = -1;
			break;
		}
	}
	buf_clear(&piece);
	return more;
}

static int
add_to_maildir(const struct maildir *maildir, int fd,
    const struct mailbox_entry *entry)
{
	char flags[MAILDIR_FLAGS_MAX + 1];
	char name[MAILDIR_NAME_MAX + 1];
	char flagged[MAILDIR_NAME_MAX + 1];
	struct maildir_draft draft;
	struct stat st;
	int why;

	if (maildir_draft(maildir, &draft) == -1)
		return -1;
	if (copy(fd, draft.fd) == -1 || fstat(draft.fd, &st) == -1) {
		why = errno;
		maildir_abandon(maildir, &draft);
		errno = why;
		return -1;
	}
	if (maildir_commit(maildir, &draft, st.st_size,
		maildir_wire_size(draft.fd), name) == -1)
		return -1;
	mailbox_name_flags(entry->flags, flags);
	if (*flags != '\0' || !entry->in_new)
		maildir_set_flags(maildir, true, name, flags, flagged);
	return 0;
}

/* Who sent it, by Return-Path, where delivery has put it. */
static void
read_sender(int fd, struct mbox_message *label)
{
	int copied = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	struct message *message;
	const char *path;

	if (copied == -1)
		return;
	message = message_open(copied);
	path = message_field(message, "Return-Path");
	path += strspn(path, "< ");
	if (strcspn(path, "> ") < sizeof(label->sender))
		memcpy(label->sender, path, strcspn(path, "> "));
	message_close(message);
}

static int
add_to_mbox(FILE *mbox, int fd, const struct mailbox_entry *entry)
{
	struct mbox_message label = {
		.date = entry->received,
		.old = !entry->in_new,
	};
	struct stat before;
	int why;

	if (fstat(fileno(mbox), &before) == -1)
		return -1;
	mailbox_name_flags(entry->flags, label.flags);
	read_sender(fd, &label);
	if (mbox_write(mbox, fd, &label) == 0 && fflush(mbox) == 0)
		return 0;
	why = errno;
	if (ftruncate(fileno(mbox), before.st_size) == -1)
		why = errno;
	errno = why;
	return -1;
}

int
folder_add(struct folder *folder, struct mailbox *mailbox, size_t i)
{
	int fd = mailbox_message_fd(mailbox, i);
	const struct mailbox_entry *entry = &mailbox->entries[i];
	int rc;
	int why;

	if (fd == -1)
		return -1;
	if (folder->kind == FOLDER_MBOX)
		rc = add_to_mbox(folder->mbox, fd, entry);
	else
		rc = add_to_maildir(&folder->maildir, fd, entry);
	why = errno;
	close(fd);
	errno = why;
	return rc;
}

int
folder_close(struct folder *folder)
{
	int rc = 0;
	int why = 0;

	if (folder == NULL)
		return 0;
	if (folder->kind == FOLDER_MBOX) {
		rc = fsync(fileno(folder->mbox));
		why = errno;
		fclose(folder->mbox);
	} else {
		maildir_close(&folder->maildir);
	}
	free(folder);
	errno = why;
	return rc;
}
