/*
 * queue.c - reading envelopes, adding to them, replacing them.
 *
 * How a message gets here is in queue_commit.c (the session's part) and
 * queue_incoming.c (the manager's).
 */
#include "smtpd/queue.h"

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

enum { ENVELOPE_MAX = 64 << 20, PATH_SIZE = QUEUE_NAME_SIZE + 16 };

int
queue_write_envelope(int fd, const struct queue_entry *entry)
{
	struct buf text = BUF_INIT;
	int rc = 0;

	queue_text_head(entry, &text);
	queue_text_outcomes(entry, &text);
	if (write_all(fd, text.data, text.size) == -1 ||
	    flock(fd, LOCK_EX | LOCK_NB) == -1 || fsync(fd) == -1)
		rc = log_errno("write the envelope of %s", entry->id);
	buf_clear(&text);
	return rc;
}

static int
append_softly(int env_fd, const struct buf *text)
{
	if (write_all(env_fd, text->data, text->size) == -1)
		return log_errno("append to an envelope in queue/");
	return 0;
}

static int
append(int env_fd, const struct buf *text)
{
	if (append_softly(env_fd, text) == -1)
		return -1;
	if (fdatasync(env_fd) == -1)
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

static void
forget_fresh(struct queue_entry *entry)
{
	for (size_t i = 0; i < entry->recipient_count; i++)
		entry->recipients[i].fresh = false;
}

int
queue_settle(int env_fd, struct queue_entry *entry)
{
	bool over = queue_count(entry, RCPT_DONE) == entry->recipient_count;
	struct buf text = BUF_INIT;
	int rc = 0;

	queue_text_fresh(entry, &text);
	if (text.size > 0)
		rc =
		    over ? append_softly(env_fd, &text) : append(env_fd, &text);
	if (rc == 0)
		forget_fresh(entry);
	buf_clear(&text);
	return rc;
}

int
queue_postpone(int env_fd, struct queue_entry *entry)
{
	struct buf text = BUF_INIT;
	int rc;

	queue_text_fresh(entry, &text);
	queue_text_attempt(entry, &text);
	rc = append_softly(env_fd, &text);
	if (rc == 0)
		forget_fresh(entry);
	buf_clear(&text);
	return rc;
}

int
queue_told(int env_fd, const struct queue_entry *entry)
{
	struct buf text = BUF_INIT;
	int rc;

	queue_text_told(entry, &text);
	rc = append(env_fd, &text);
	buf_clear(&text);
	return rc;
}

static int
append_line(int env_fd, const char *line)
{
	struct buf text = BUF_INIT;
	int rc;

	buf_addstr(&text, line);
	rc = append(env_fd, &text);
	buf_clear(&text);
	return rc;
}

int
queue_withdraw(int env_fd)
{
	return append_line(env_fd, "withdrawn\n");
}

int
queue_hold(int env_fd)
{
	return append_line(env_fd, "held\n");
}

int
queue_release(int env_fd)
{
	return append_line(env_fd, "released\n");
}

int
queue_bounce(int env_fd, const struct queue_entry *entry, const struct reply *r)
{
	struct buf text = BUF_INIT;
	int rc;

	/* Also of who had failed before he is told once more, and why. */
	buf_addstr(&text, "released\n");
	for (size_t i = 0; i < entry->recipient_count; i++) {
		if (entry->recipients[i].state == RCPT_FAILED)
			queue_text_last(entry, i, &text);
		else if (entry->recipients[i].state == RCPT_PENDING)
			queue_text_result(i, time(NULL), r, &text);
	}
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

int
queue_lock(int queue, const char *id)
{
	char name[QUEUE_NAME_SIZE];
	int saved;
	int fd;

	queue_file_name(id, ".env", name);
	fd = openat(queue, name, O_RDWR | O_APPEND | O_NOFOLLOW | O_CLOEXEC);
	if (fd == -1 && errno != ENOENT)
		return log_errno("open queue/%s", name);
	if (fd == -1 || lock_envelope(queue, name, fd) == 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
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

/*
 * Opens ID and SUFFIX where it is: in queue/, or not taken in yet.  It may move
 * meanwhile, but only to the former.  -1 with errno.
 */
static int
open_either(int queue, const char *id, const char *suffix)
{
	char name[QUEUE_NAME_SIZE];
	char path[PATH_SIZE];
	const int flags = O_RDONLY | O_NOFOLLOW | O_CLOEXEC;
	int fd;

	queue_file_name(id, suffix, name);
	(void)snprintf(path, sizeof(path), QUEUE_INCOMING "/%s", name);
	fd = openat(queue, name, flags);
	if (fd == -1 && errno == ENOENT)
		fd = openat(queue, path, flags);
	if (fd == -1 && errno == ENOENT)
		fd = openat(queue, name, flags);
	return fd;
}

int
queue_read(int queue, const char *id, bool lock, struct queue_entry *entry_out)
{
	int fd = lock ? queue_lock(queue, id) : open_either(queue, id, ".env");
	int saved;
	int rc;

	queue_entry_init(entry_out, id, &(struct queue_origin){ 0 });
	if (fd == -1 && !lock && errno != ENOENT)
		return log_errno("open queue/%s.env", id);
	if (fd == -1)
		return -1;
	queue_entry_clear(entry_out);
	rc = read_envelope(fd, id, lock, entry_out);
	if (rc == 0 && lock)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return rc;
}

int
queue_open_message(int queue, const char *id)
{
	int fd = open_either(queue, id, ".msg");

	return fd == -1 ? log_errno("open queue/%s.msg", id) : fd;
}

int
queue_update(int queue, const struct queue_entry *entry)
{
	char name[QUEUE_NAME_SIZE];
	char fresh[QUEUE_NAME_SIZE];
	int rc = -1;
	int fd;

	queue_file_name(entry->id, ".new", fresh);
	queue_file_name(entry->id, ".env", name);
	(void)unlinkat(queue, fresh, 0);
	fd = openat(queue, fresh,
	    O_RDWR | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd == -1)
		return log_errno("make queue/%s", fresh);
	if (queue_write_envelope(fd, entry) == -1)
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
	char name[QUEUE_NAME_SIZE];

	if (remove_file(queue, queue_file_name(id, ".env", name)) == -1)
		return -1;
	return remove_file(queue, queue_file_name(id, ".msg", name));
}
