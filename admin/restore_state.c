/*
 * restore_state.c - a state folder made of a backup.
 *
 * As init does it: postlab.conf appears last, by a rename, when all else is on
 * the disk.  A folder without it is no state folder to any program, so one that
 * was not finished is not taken for whole.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "admin/admin.h"
#include "admin/backup.h"
#include "admin/restore.h"
#include "common/disk.h"
#include "common/log.h"
#include "common/sandbox.h"

static const char config_file[] = "postlab.conf";
static const char config_draft[] = "postlab.conf.new";

struct making {
	const struct restore_choice *choice;
	int fd; /* of the file being written */
	bool has_config;
	size_t files;
};

/* Makes the folders PATH is in. */
static int
make_parents(const char *path)
{
	char *folder = xstrdup(path);
	int rc = 0;

	for (char *slash = strchr(folder, '/'); slash != NULL && rc == 0;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(folder, 0700) == -1 && errno != EEXIST)
			rc = log_errno("make %s", log_safe(folder));
		*slash = '/';
	}
	free(folder);
	return rc;
}

static int
open_entry(void *arg, const struct backup_entry *entry)
{
	struct making *making = arg;
	const char *path = entry->path;

	if (strcmp(path, BACKUP_FIRST) == 0 ||
	    !restore_is_wanted(making->choice, path))
		return BACKUP_SKIP;
	if (strcmp(path, config_file) == 0) {
		making->has_config = true;
		path = config_draft;
	}
	if (make_parents(path) == -1)
		return -1;
	making->fd = open(path,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	return making->fd != -1 ? making->fd
				: log_errno("make %s", log_safe(path));
}

static int
close_entry(void *arg, const struct backup_entry *entry, bool good)
{
	struct making *making = arg;
	struct timespec times[2] = { { .tv_nsec = UTIME_OMIT },
		{ .tv_sec = entry->mtime } };
	int rc = 0;

	/* Whatever is not good: there will be no postlab.conf. */
	if (good && futimens(making->fd, times) == -1)
		rc = log_errno("set the time of %s", log_safe(entry->path));
	close(making->fd);
	making->files++;
	return rc;
}

/* Folders that hold nothing, so that the backup does not have them. */
static int
make_folders(void)
{
	static const char *const names[] = { "mail", "queue", "queue/incoming",
		"queue/incoming/spool", "run", "tls", "log" };

	for (size_t i = 0; i < COUNT(names); i++)
		if (mkdir(names[i], 0700) == -1 && errno != EEXIST)
			return log_errno("make %s", names[i]);
	return 0;
}

static int
finish(const struct making *making)
{
	int rc = disk_flush_tree(".");

	/* The commit point: now it is a state folder. */
	if (rc == 0 && making->has_config &&
	    renameat2(AT_FDCWD, config_draft, AT_FDCWD, config_file,
		RENAME_NOREPLACE) == -1)
		rc = log_errno("rename %s", config_draft);
	return rc == 0 ? disk_flush_tree(".") : -1;
}

int
restore_into(const char *dir, int fd, const struct backup_contents *contents,
    char **addresses)
{
	struct restore_choice choice;
	struct making making = { .choice = &choice, .fd = -1 };
	const struct backup_taker taker = { &making, open_entry, close_entry };
	int status = restore_choose(contents, addresses, &choice);

	if (status == EX_OK)
		status = admin_claim_folder(dir);
	if (status == EX_OK &&
	    (sandbox_drop_root("") == -1 ||
		backup_extract(fd, contents, &taker) == -1 ||
		(making.has_config && make_folders() == -1) ||
		finish(&making) == -1))
		status = admin_error(EX_CANTCREAT,
		    "the restore did not finish: remove %s before you try "
		    "again",
		    log_safe(dir));
	restore_choice_clear(&choice);
	if (status == EX_OK)
		printf("%s\trestored\t%zu files\n", log_safe(dir),
		    making.files);
	return status;
}
