/*
 * queue_scan.c - going through the folder queue/.
 *
 * The folder is read with a descriptor of its own, so that a scan within a
 * scan does not disturb it.
 */
#include "smtpd/queue.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/log.h"

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

static DIR *
open_folder(int queue)
{
	DIR *dir = NULL;
	int fd = openat(queue, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd != -1)
		dir = fdopendir(fd);
	if (dir != NULL)
		return dir;
	log_errno("open queue/");
	if (fd != -1)
		close(fd);
	return NULL;
}

int
queue_scan(int queue, int (*each)(void *arg, const char *id), void *arg)
{
	DIR *dir = open_folder(queue);
	const struct dirent *found;
	char id[QUEUE_ID_SIZE];
	int rc = 0;

	if (dir == NULL)
		return -1;
	errno = 0;
	while (rc == 0 && (found = readdir(dir)) != NULL) {
		if (queue_envelope_name(found->d_name, id))
			rc = each(arg, id);
		errno = 0;
	}
	if (rc == 0 && errno != 0)
		rc = log_errno("read queue/");
	closedir(dir);
	return rc;
}

static bool
is_older(int queue, const char *name, int seconds)
{
	struct stat st;

	return fstatat(queue, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    st.st_ctime + seconds < time(NULL);
}

/* Whether NAME will never be needed: half of a pair, or a replacement's draft.
 */
static bool
is_leftover(int queue, const char *name)
{
	char envelope[QUEUE_ID_SIZE + 4];
	char id[QUEUE_ID_SIZE];
	struct stat st;

	if (parse_name(name, ".new", id))
		return true;
	if (!parse_name(name, ".msg", id))
		return false;
	memcpy(envelope, id, QUEUE_ID_LENGTH);
	memcpy(envelope + QUEUE_ID_LENGTH, ".env", 5);
	return fstatat(queue, envelope, &st, AT_SYMLINK_NOFOLLOW) == -1 &&
	    errno == ENOENT;
}

void
queue_clean(int queue, int seconds)
{
	DIR *dir = open_folder(queue);
	const struct dirent *found;

	if (dir == NULL)
		return;
	while ((found = readdir(dir)) != NULL) {
		const char *name = found->d_name;

		if (!is_leftover(queue, name) ||
		    !is_older(queue, name, seconds))
			continue;
		log_event(LOG_WARN, "unfinished",
		    "file=%s what=\"never acknowledged, removed\"", name);
		if (unlinkat(queue, name, 0) == -1)
			log_errno("remove queue/%s", name);
	}
	closedir(dir);
}
