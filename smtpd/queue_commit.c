/*
 * queue_commit.c - putting a message into the queue: the session's part.
 *
 * A file is born without a name (queue_spool.c), written, synced, and only then
 * linked into queue/incoming: a session worker needs the right to make files
 * there and none to read what others have put there.  Where the kernel does not
 * let one link a descriptor (before 6.10), /proc/self/fd does.
 *
 * Both files are locked before they have a name: the envelope so that the
 * manager waits, the message so that nobody cleans it away (queue_scan.c) while
 * its envelope is not there yet, whatever the clock says.
 */
#include "smtpd/queue.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/log.h"
#include "smtpd/queue_text.h"

enum { COPY_SIZE = 65536 };

static int
give_name(int fd, int incoming, const char *name)
{
	char path[40];

	if (linkat(fd, "", incoming, name, AT_EMPTY_PATH) == 0)
		return 0;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (linkat(AT_FDCWD, path, incoming, name, AT_SYMLINK_FOLLOW) == 0)
		return 0;
	return log_errno("link queue/incoming/%s", name);
}

static int
copy_message(int from, int to)
{
	char *piece = xmalloc(COPY_SIZE);
	off_t at = 0;
	int rc = -1;
	ssize_t n;

	while ((n = pread(from, piece, COPY_SIZE, at)) > 0) {
		if (write_all(to, piece, (size_t)n) == -1) {
			log_errno("write a message to the queue");
			goto out;
		}
		at += n;
	}
	rc = n == 0 ? 0 : log_errno("read a message for the queue");
out:
	free(piece);
	return rc;
}

/* Whether FD is a file that only lacks a name to stand in INCOMING. */
static bool
can_be_named(int fd, int incoming)
{
	struct stat file;
	struct stat folder;

	return fstat(fd, &file) == 0 && fstat(incoming, &folder) == 0 &&
	    S_ISREG(file.st_mode) && file.st_nlink == 0 &&
	    file.st_dev == folder.st_dev;
}

/*
 * A file with the message that can be given a name: MESSAGE_FD itself, or a
 * copy.  -1: logged.
 */
static int
message_file(int incoming, int message_fd)
{
	int fd;

	if (can_be_named(message_fd, incoming))
		return message_fd;
	fd = queue_spool_file(incoming);
	if (fd != -1 && copy_message(message_fd, fd) == -1) {
		close(fd);
		return -1;
	}
	return fd;
}

/* Makes ID.msg of FD, synced; sets the entry's size. */
static int
put_message(int incoming, struct queue_entry *entry, int fd)
{
	char name[QUEUE_NAME_SIZE];
	struct stat st;

	queue_file_name(entry->id, ".msg", name);
	if (flock(fd, LOCK_EX | LOCK_NB) == -1 || fstat(fd, &st) == -1 ||
	    fsync(fd) == -1)
		return log_errno("sync queue/incoming/%s", name);
	entry->size = st.st_size;
	return give_name(fd, incoming, name);
}

/* Makes ID.env, locked and synced.  Its descriptor, or -1 (logged). */
static int
put_envelope(int incoming, const struct queue_entry *entry)
{
	char name[QUEUE_NAME_SIZE];
	int fd = queue_spool_file(incoming);

	if (fd == -1)
		return -1;
	if (queue_write_envelope(fd, entry) == -1 ||
	    give_name(fd, incoming, queue_file_name(entry->id, ".env", name)) ==
		-1) {
		close(fd);
		return -1;
	}
	return fd;
}

/* What was linked and is not acknowledged: only the manager may remove it. */
static void
take_back(int incoming, const char *id, int env_fd)
{
	char name[QUEUE_NAME_SIZE];

	if (env_fd != -1)
		queue_withdraw(env_fd);
	(void)unlinkat(incoming, queue_file_name(id, ".env", name), 0);
	(void)unlinkat(incoming, queue_file_name(id, ".msg", name), 0);
}

static int
commit_file(int incoming, struct queue_entry *entry, int fd)
{
	int env_fd;

	if (put_message(incoming, entry, fd) == -1)
		return -1;
	env_fd = put_envelope(incoming, entry);
	if (env_fd == -1) {
		take_back(incoming, entry->id, -1);
		return -1;
	}
	/*
	 * The commit point: both files are complete on the disk, the message's
	 * name was made before the envelope's, and now the names are as well.
	 */
	if (fsync(incoming) == -1) {
		log_errno("sync queue/incoming");
		take_back(incoming, entry->id, env_fd);
		close(env_fd);
		return -1;
	}
	return env_fd;
}

int
queue_commit(int incoming, struct queue_entry *entry, int message_fd)
{
	int fd = message_file(incoming, message_fd);
	int env_fd;

	if (fd == -1)
		return -1;
	env_fd = commit_file(incoming, entry, fd);
	if (fd != message_fd)
		close(fd);
	return env_fd;
}
