/*
 * backup_state.c - everything in the state folder but run/ and log/.
 *
 * The order matters while everything runs.  The queue comes before the mail: a
 * message that is delivered between the two is in both, and may be delivered
 * twice after a restore; the other way round it would be in neither.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admin/backup.h"
#include "common/db.h"
#include "common/dkim_store.h"
#include "common/log.h"
#include "common/mem.h"
#include "smtpd/queue.h"

enum { FILE_MAX = 64 << 20, BUSY_TRIES = 100, BUSY_PAUSE = 100 /* ms */ };

/* Copies FROM to a fresh file SCRATCH. */
static int
snapshot(const char *file, const char *scratch)
{
	sqlite3 *from = db_open(file, DB_WRITE, false);
	sqlite3 *to = from == NULL ? NULL : db_open(scratch, DB_CREATE, false);
	sqlite3_backup *copy = NULL;
	int rc = SQLITE_ERROR;

	if (from != NULL)
		db_keep_log(from);
	if (to != NULL)
		copy = sqlite3_backup_init(to, "main", from, "main");
	if (copy != NULL)
		rc = sqlite3_backup_step(copy, -1);
	for (int i = 0;
	     i < BUSY_TRIES && (rc == SQLITE_BUSY || rc == SQLITE_LOCKED);
	     i++) {
		sqlite3_sleep(BUSY_PAUSE);
		rc = sqlite3_backup_step(copy, -1);
	}
	if (copy != NULL)
		sqlite3_backup_finish(copy);
	sqlite3_close(to);
	sqlite3_close(from);
	if (rc == SQLITE_DONE)
		return 0;
	return log_failure("copy %s: %s", log_safe(file), sqlite3_errstr(rc));
}

int
backup_add_database(struct backup *backup, const char *path, const char *file)
{
	char scratch[64];
	int fd = -1;
	int rc = -1;

	snprintf(scratch, sizeof(scratch), "run/backup.%ld", (long)getpid());
	(void)unlink(scratch);
	if (snapshot(file, scratch) == 0)
		fd = open(scratch, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd == -1) {
		rc = 1;
	} else {
		rc = backup_add_file(backup, path, fd);
		close(fd);
	}
	(void)unlink(scratch);
	return rc;
}

static bool
ends(const char *name, const char *with)
{
	size_t size = strlen(name);
	size_t tail = strlen(with);

	return size >= tail && strcmp(name + size - tail, with) == 0;
}

/* A file of the operator's; he may have put a link there. */
static int
add_plain(struct backup *backup, const char *path)
{
	struct buf data = BUF_INIT;
	struct stat st;
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	int rc = 0;

	if (fd == -1)
		return errno == ENOENT ? 0
				       : log_errno("open %s", log_safe(path));
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		rc = buf_read(&data, fd, FILE_MAX);
		rc = rc == 0 ? backup_add_data(backup, path, &data, st.st_mtime)
			     : log_failure("%s cannot be read, or is too large",
				   log_safe(path));
	}
	buf_clear(&data);
	close(fd);
	return rc;
}

/* One entry of the state folder or of tls/. */
static int
add_entry(struct backup *backup, const char *path)
{
	static const char *const passing[] = { ".new", "-journal", "-wal",
		"-shm", ".pid", ".tar" };

	for (size_t i = 0; i < COUNT(passing); i++)
		if (ends(path, passing[i]))
			return 0;
	if (ends(path, ".sqlite"))
		return backup_add_database(backup, path, path) == 0 ? 0 : -1;
	return add_plain(backup, path);
}

static int
add_folder(struct backup *backup, const char *folder)
{
	DIR *list = opendir(folder);
	int rc = 0;

	if (list == NULL)
		return errno == ENOENT ? 0 : log_errno("list %s", folder);
	for (const struct dirent *entry = readdir(list);
	     rc == 0 && entry != NULL; entry = readdir(list)) {
		char *path = strcmp(folder, ".") == 0
		    ? xstrdup(entry->d_name)
		    : xasprintf("%s/%s", folder, entry->d_name);

		if (entry->d_name[0] != '.')
			rc = add_entry(backup, path);
		free(path);
	}
	closedir(list);
	return rc;
}

/* Reads or opens ID.SUFFIX, which may just be moved out of incoming/. */
static int
open_queued(int queue, const char *id, const char *suffix)
{
	const int flags = O_RDONLY | O_NOFOLLOW | O_CLOEXEC;
	char path[64];
	int fd = -1;

	for (int i = 0; i < 3 && fd == -1; i++) {
		snprintf(path, sizeof(path), "%s%s.%s",
		    i == 1 ? "incoming/" : "", id, suffix);
		fd = openat(queue, path, flags);
		if (fd == -1 && errno != ENOENT)
			return log_errno("open queue/%s", path);
	}
	return fd;
}

/*
 * Both files of one message.  The envelope as it is now, without its lock: at
 * worst the last outcome is missing, as after a power cut.  What has no message
 * any more was done with meanwhile.
 */
static int
add_queued(struct backup *backup, int queue, const char *id)
{
	struct buf envelope = BUF_INIT;
	char path[64];
	int env = open_queued(queue, id, "env");
	int msg = env == -1 ? -1 : open_queued(queue, id, "msg");
	int rc = 0;

	if (msg != -1) {
		rc = buf_read(&envelope, env, FILE_MAX) == 0
		    ? 0
		    : log_errno("read queue/%s.env", id);
		snprintf(path, sizeof(path), "queue/%s.msg", id);
		if (rc == 0)
			rc = backup_add_file(backup, path, msg);
		snprintf(path, sizeof(path), "queue/%s.env", id);
		if (rc == 0)
			rc = backup_add_data(backup, path, &envelope,
			    time(NULL));
		close(msg);
	}
	if (env != -1)
		close(env);
	buf_clear(&envelope);
	return rc;
}

/* Adds the ids with an envelope in FOLDER and not in BUT to IDS, one a line. */
static int
list_queued(const char *folder, const struct buf *but, struct buf *ids)
{
	DIR *list = opendir(folder);
	char id[QUEUE_ID_SIZE];

	if (list == NULL)
		return errno == ENOENT ? 0 : log_errno("list %s", folder);
	for (const struct dirent *entry = readdir(list); entry != NULL;
	     entry = readdir(list))
		if (queue_envelope_name(entry->d_name, id) &&
		    strstr(but->data, id) == NULL)
			buf_printf(ids, "%s\n", id);
	closedir(list);
	return 0;
}

static int
add_listed(struct backup *backup, int queue, struct buf *ids)
{
	char *rest;
	int rc = 0;

	if (ids->size == 0)
		return 0;
	for (const char *id = strtok_r(ids->data, "\n", &rest);
	     rc == 0 && id != NULL; id = strtok_r(NULL, "\n", &rest))
		rc = add_queued(backup, queue, id);
	return rc;
}

static int
add_queue(struct backup *backup)
{
	static const struct buf none = BUF_INIT;
	struct buf arriving = BUF_INIT;
	struct buf waiting = BUF_INIT;
	int queue = open("queue", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = -1;

	if (queue == -1)
		return errno == ENOENT ? 0 : log_errno("open queue");
	/* In this order nothing is missed: files go from incoming/ to queue/.
	 */
	if (list_queued("queue/incoming", &none, &arriving) == 0 &&
	    list_queued("queue", &arriving, &waiting) == 0) {
		/* The text is cut in pieces while it is gone through. */
		rc = add_listed(backup, queue, &arriving);
		if (rc == 0)
			rc = add_listed(backup, queue, &waiting);
	}
	close(queue);
	buf_clear(&arriving);
	buf_clear(&waiting);
	return rc;
}

/* The keys that sign mail of DOMAIN. */
static int
add_keys(void *arg, const char *domain)
{
	char *folder = xasprintf("%s/%s", DKIM_STORE, domain);
	int rc = add_folder(arg, folder);

	free(folder);
	return rc;
}

int
backup_state(struct backup *backup)
{
	if (add_folder(backup, ".") == -1 || add_folder(backup, "tls") == -1 ||
	    dkim_store_domains(add_keys, backup) == -1 ||
	    add_queue(backup) == -1 || backup_mail(backup) == -1)
		return -1;
	return 0;
}
