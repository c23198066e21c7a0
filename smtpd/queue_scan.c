/*
 * queue_scan.c - going through queue/ and queue/incoming.
 *
 * The folders are read with descriptors of their own, so that a scan within a
 * scan does not disturb it.
 */
#include "smtpd/queue.h"

#include <assert.h>
#include <dirent.h>
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

const char *
queue_file_name(const char *id, const char *suffix, char name[QUEUE_NAME_SIZE])
{
	assert(queue_is_id(id) && strlen(suffix) == 4);
	memcpy(name, id, QUEUE_ID_LENGTH);
	memcpy(name + QUEUE_ID_LENGTH, suffix, 5);
	return name;
}

/* Whether NAME is an id and SUFFIX; the id goes to ID. */
static bool
parse_name(const char *name, const char *suffix, char id[QUEUE_ID_SIZE])
{
	if (strlen(name) != QUEUE_ID_LENGTH + strlen(suffix) ||
	    strcmp(name + QUEUE_ID_LENGTH, suffix) != 0)
		return false;
	memcpy(id, name, QUEUE_ID_LENGTH);
	id[QUEUE_ID_LENGTH] = '\0';
	return queue_is_id(id);
}

bool
queue_envelope_name(const char *name, char id[QUEUE_ID_SIZE])
{
	return parse_name(name, ".env", id);
}

/* Opens PATH below QUEUE.  NULL: logged, unless it is not there. */
static DIR *
open_folder(int queue, const char *path)
{
	DIR *dir = NULL;
	int fd = openat(queue, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd != -1)
		dir = fdopendir(fd);
	if (dir != NULL)
		return dir;
	if (errno != ENOENT)
		log_errno("open queue/%s", path);
	if (fd != -1)
		close(fd);
	return NULL;
}

/* Calls EACH with every id whose envelope is in PATH. */
static int
scan_folder(int queue, const char *path, int (*each)(void *arg, const char *id),
    void *arg)
{
	DIR *dir = open_folder(queue, path);
	const struct dirent *found;
	char id[QUEUE_ID_SIZE];
	int rc = 0;

	if (dir == NULL)
		return errno == ENOENT ? 0 : -1;
	errno = 0;
	while (rc == 0 && (found = readdir(dir)) != NULL) {
		if (queue_envelope_name(found->d_name, id))
			rc = each(arg, id);
		errno = 0;
	}
	if (rc == 0 && errno != 0)
		rc = log_errno("read queue/%s", path);
	closedir(dir);
	return rc;
}

int
queue_scan_incoming(int queue, int (*each)(void *arg, const char *id),
    void *arg)
{
	return scan_folder(queue, QUEUE_INCOMING, each, arg);
}

/* What was seen in incoming/, and whom to tell. */
struct scan {
	int (*each)(void *arg, const char *id);
	void *arg;
	char (*seen)[QUEUE_ID_SIZE];
	size_t count;
};

static int
note_incoming(void *arg, const char *id)
{
	struct scan *scan = arg;

	if ((scan->count & (scan->count - 1)) == 0)
		scan->seen = xrealloc(scan->seen,
		    (2 * scan->count + 1) * sizeof(*scan->seen));
	memcpy(scan->seen[scan->count++], id, QUEUE_ID_SIZE);
	return scan->each(scan->arg, id);
}

static int
compare_ids(const void *a, const void *b)
{
	return strcmp(a, b);
}

static int
note_taken(void *arg, const char *id)
{
	const struct scan *scan = arg;

	if (scan->count > 0 &&
	    bsearch(id, scan->seen, scan->count, sizeof(*scan->seen),
		compare_ids) != NULL)
		return 0;
	return scan->each(scan->arg, id);
}

int
queue_scan(int queue, int (*each)(void *arg, const char *id), void *arg)
{
	struct scan scan = { .each = each, .arg = arg };
	/* In the order in which a message moves: it is seen once at least. */
	int rc = queue_scan_incoming(queue, note_incoming, &scan);

	if (scan.count > 0)
		qsort(scan.seen, scan.count, sizeof(*scan.seen), compare_ids);
	if (rc == 0)
		rc = scan_folder(queue, ".", note_taken, &scan);
	free(scan.seen);
	return rc;
}

static bool
is_older(int folder, const char *name, int seconds)
{
	struct stat st;

	return fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    st.st_ctime + seconds < time(NULL);
}

static bool
is_missing(int folder, const char *path)
{
	struct stat st;

	return fstatat(folder, path, &st, AT_SYMLINK_NOFOLLOW) == -1 &&
	    errno == ENOENT;
}

/* Whether NAME will never be needed: half of a pair, or a replacement's draft.
 */
static bool
is_leftover(int queue, const char *name)
{
	char path[sizeof(QUEUE_INCOMING) + QUEUE_NAME_SIZE];
	char envelope[QUEUE_NAME_SIZE];
	char id[QUEUE_ID_SIZE];

	if (parse_name(name, ".new", id))
		return true;
	if (!parse_name(name, ".msg", id))
		return false;
	queue_file_name(id, ".env", envelope);
	(void)snprintf(path, sizeof(path), QUEUE_INCOMING "/%s", envelope);
	/* In the order in which it moves. */
	return is_missing(queue, path) && is_missing(queue, envelope);
}

/* Removes NAME, unless its session is at work on it (queue_commit.c). */
static void
remove_leftover(int queue, int folder, const char *name)
{
	int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	if (fd == -1 || flock(fd, LOCK_EX | LOCK_NB) == -1 ||
	    !is_leftover(queue, name))
		goto out;
	log_event(LOG_WARN, "unfinished",
	    "file=%s what=\"never acknowledged, removed\"", name);
	if (unlinkat(folder, name, 0) == -1)
		log_errno("remove queue/%s", name);
out:
	if (fd != -1)
		close(fd);
}

static void
clean_folder(int queue, const char *path, int seconds)
{
	DIR *dir = open_folder(queue, path);
	const struct dirent *found;

	if (dir == NULL)
		return;
	while ((found = readdir(dir)) != NULL)
		if (is_leftover(queue, found->d_name) &&
		    is_older(dirfd(dir), found->d_name, seconds))
			remove_leftover(queue, dirfd(dir), found->d_name);
	closedir(dir);
}

void
queue_clean(int queue, int seconds)
{
	clean_folder(queue, QUEUE_INCOMING, seconds);
	clean_folder(queue, ".", seconds);
}
