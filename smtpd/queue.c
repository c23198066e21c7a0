/*
 * queue.c - making queue files, reading and replacing them.
 *
 * A file is born without a name (queue_spool.c), written, synced, and only then
 * linked into queue/: a session worker needs the right to make files there and
 * none to read what others have put there.  Where the kernel does not let one
 * link a descriptor (before 6.10), /proc/self/fd does.
 *
 * Start reading at queue_commit().
 */
#include "smtpd/queue.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/log.h"
#include "smtpd/queue_text.h"

enum {
	NAME_SIZE = QUEUE_ID_SIZE + 4, /* ID.msg, ID.env, ID.new */
	ENVELOPE_MAX = 64 << 20,
	COPY_SIZE = 65536,
};

/* ID and SUFFIX as a file name.  No id that is not one of ours gets here. */
static const char *
file_name(const char *id, const char *suffix, char name[NAME_SIZE])
{
	assert(queue_is_id(id) && strlen(suffix) == 4);
	memcpy(name, id, QUEUE_ID_LENGTH);
	memcpy(name + QUEUE_ID_LENGTH, suffix, 5);
	return name;
}

static int
give_name(int fd, int queue, const char *name)
{
	char path[40];

	if (linkat(fd, "", queue, name, AT_EMPTY_PATH) == 0)
		return 0;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (linkat(AT_FDCWD, path, queue, name, AT_SYMLINK_FOLLOW) == 0)
		return 0;
	return log_errno("link queue/%s", name);
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

/* Whether FD is a file that only lacks a name to stand in QUEUE. */
static bool
can_be_named(int fd, int queue)
{
	struct stat file;
	struct stat folder;

	return fstat(fd, &file) == 0 && fstat(queue, &folder) == 0 &&
	    S_ISREG(file.st_mode) && file.st_nlink == 0 &&
	    file.st_dev == folder.st_dev;
}

/* Makes ID.msg from MESSAGE_FD, synced; sets the entry's size. */
static int
put_message(int queue, struct queue_entry *entry, int message_fd)
{
	char name[NAME_SIZE];
	struct stat st;
	int rc = -1;
	int fd = message_fd;

	file_name(entry->id, ".msg", name);
	if (!can_be_named(message_fd, queue)) {
		fd = queue_spool_file(queue);
		if (fd == -1)
			return -1;
		if (copy_message(message_fd, fd) == -1)
			goto out;
	}
	if (fstat(fd, &st) == -1 || fsync(fd) == -1) {
		log_errno("sync queue/%s", name);
		goto out;
	}
	entry->size = st.st_size;
	rc = give_name(fd, queue, name);
out:
	if (fd != message_fd)
		close(fd);
	return rc;
}

/* Writes the envelope to an unnamed file, locked and synced. */
static int
write_envelope(int queue, const struct queue_entry *entry)
{
	struct buf text = BUF_INIT;
	int fd = queue_spool_file(queue);

	if (fd == -1)
		return -1;
	queue_text_head(entry, &text);
	queue_text_outcomes(entry, &text);
	if (write_all(fd, text.data, text.size) == -1 ||
	    flock(fd, LOCK_EX | LOCK_NB) == -1 || fsync(fd) == -1) {
		log_errno("write the envelope of %s", entry->id);
		close(fd);
		fd = -1;
	}
	buf_clear(&text);
	return fd;
}

/* What was linked and is not acknowledged: only the manager may remove it. */
static void
take_back(int queue, const char *id, int env_fd)
{
	char name[NAME_SIZE];

	if (env_fd != -1)
		queue_withdraw(env_fd);
	(void)unlinkat(queue, file_name(id, ".env", name), 0);
	(void)unlinkat(queue, file_name(id, ".msg", name), 0);
}

int
queue_commit(int queue, struct queue_entry *entry, int message_fd)
{
	char name[NAME_SIZE];
	int fd;

	if (put_message(queue, entry, message_fd) == -1)
		return -1;
	fd = write_envelope(queue, entry);
	if (fd == -1) {
		take_back(queue, entry->id, -1);
		return -1;
	}
	if (give_name(fd, queue, file_name(entry->id, ".env", name)) == -1) {
		close(fd);
		take_back(queue, entry->id, -1);
		return -1;
	}
	/*
	 * The commit point: both files are complete on the disk, the message's
	 * name was made before the envelope's, and now the names are as well.
	 */
	if (fsync(queue) == -1) {
		log_errno("sync queue/");
		take_back(queue, entry->id, fd);
		close(fd);
		return -1;
	}
	return fd;
}

static int
append(int env_fd, const struct buf *text)
{
	if (write_all(env_fd, text->data, text->size) == -1 ||
	    fdatasync(env_fd) == -1)
		return log_errno("append to an envelope in queue/");
	return 0;
}

int
queue_result(int env_fd, size_t i, const struct reply *r)
{
	struct buf text = BUF_INIT;
	int rc;

	queue_text_result(i, time(NULL), r, &text);
	rc = append(env_fd, &text);
	buf_clear(&text);
	return rc;
}

int
queue_results(int env_fd, const struct queue_entry *entry)
{
	struct buf text = BUF_INIT;
	int rc;

	queue_text_outcomes(entry, &text);
	rc = append(env_fd, &text);
	buf_clear(&text);
	return rc;
}

int
queue_withdraw(int env_fd)
{
	struct buf text = BUF_INIT;
	int rc;

	buf_addstr(&text, "withdrawn\n");
	rc = append(env_fd, &text);
	buf_clear(&text);
	return rc;
}

/* Takes the lock of the file that is NAME now.  -1 with errno. */
static int
lock_envelope(int queue, const char *name, int fd)
{
	struct stat held;
	struct stat now;

	if (flock(fd, LOCK_EX | LOCK_NB) == -1)
		return -1;
	if (fstatat(queue, name, &now, AT_SYMLINK_NOFOLLOW) == -1 ||
	    fstat(fd, &held) == -1)
		return -1;
	if (now.st_ino == held.st_ino)
		return 0;
	/* Replaced between the open and the lock: somebody is at work. */
	errno = EWOULDBLOCK;
	return -1;
}

/* Reads and parses FD; a last line that was cut goes off a file we hold. */
static int
read_envelope(int fd, const char *id, bool lock, struct queue_entry *entry)
{
	struct buf text = BUF_INIT;
	size_t good = 0;
	int rc = buf_read(&text, fd, ENVELOPE_MAX);

	if (rc == -1) {
		log_errno("read queue/%s.env", id);
		goto out;
	}
	if (rc == 0)
		good = queue_text_parse(text.data, text.size, entry);
	rc = -1;
	errno = EBADMSG;
	if (good == 0 || strcmp(entry->id, id) != 0)
		goto out;
	if (lock && good < text.size && ftruncate(fd, (off_t)good) == -1) {
		log_errno("cut queue/%s.env", id);
		goto out;
	}
	rc = 0;
out:
	buf_clear(&text);
	return rc;
}

int
queue_read(int queue, const char *id, bool lock, struct queue_entry *entry_out)
{
	char name[NAME_SIZE];
	int saved;
	int fd = openat(queue, file_name(id, ".env", name),
	    (lock ? O_RDWR | O_APPEND : O_RDONLY) | O_NOFOLLOW | O_CLOEXEC);

	queue_entry_init(entry_out, id, &(struct queue_origin){ 0 });
	if (fd == -1 && errno != ENOENT)
		return log_errno("open queue/%s", name);
	if (fd == -1)
		return -1;
	if (lock && lock_envelope(queue, name, fd) == -1)
		goto failed;
	queue_entry_clear(entry_out);
	if (read_envelope(fd, id, lock, entry_out) == -1)
		goto failed;
	if (lock)
		return fd;
	close(fd);
	return 0;
failed:
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

int
queue_open_message(int queue, const char *id)
{
	char name[NAME_SIZE];
	int fd = openat(queue, file_name(id, ".msg", name),
	    O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	return fd == -1 ? log_errno("open queue/%s", name) : fd;
}

int
queue_update(int queue, const struct queue_entry *entry)
{
	char name[NAME_SIZE];
	char fresh[NAME_SIZE];
	int rc = -1;
	int fd = write_envelope(queue, entry);

	if (fd == -1)
		return -1;
	file_name(entry->id, ".new", fresh);
	file_name(entry->id, ".env", name);
	(void)unlinkat(queue, fresh, 0);
	if (give_name(fd, queue, fresh) == -1)
		goto out;
	if (renameat(queue, fresh, queue, name) == -1) {
		log_errno("rename queue/%s", fresh);
		goto out;
	}
	rc = fsync(queue) == 0 ? 0 : log_errno("sync queue/");
out:
	close(fd);
	return rc;
}

static int
remove_file(int queue, const char *name)
{
	if (unlinkat(queue, name, 0) == 0 || errno == ENOENT)
		return 0;
	return log_errno("remove queue/%s", name);
}

int
queue_remove(int queue, const char *id)
{
	char name[NAME_SIZE];

	if (remove_file(queue, file_name(id, ".env", name)) == -1)
		return -1;
	return remove_file(queue, file_name(id, ".msg", name));
}
