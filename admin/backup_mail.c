/*
 * backup_mail.c - mailboxes, while mail comes, moves and goes.
 *
 * A message never changes, but its name does when its flags are changed, and a
 * folder that is read meanwhile may show neither the old name nor the new one.
 * So folders are read until nothing new is seen, and a message is found by its
 * base.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admin/backup.h"
#include "common/log.h"
#include "common/mem.h"
#include "maildir/index_aside.h"
#include "maildir/listing.h"
#include "maildir/name_set.h"

enum { SMALL_FILE = 64 << 20, SCANS = 10 };

/* A folder of messages being copied. */
struct copying {
	struct backup *backup;
	const struct maildir *maildir;
	const char *path;
	struct name_set seen;
	char **names;
	bool *in_new;
	size_t count;
	size_t room;
};

static int
see(void *arg, bool in_new, const char *name)
{
	struct copying *copying = arg;

	if (!name_set_add(&copying->seen, in_new, name))
		return 0;
	if (copying->count == copying->room) {
		copying->room = copying->room == 0 ? 64 : copying->room * 2;
		copying->names = xrealloc(copying->names,
		    copying->room * sizeof(copying->names[0]));
		copying->in_new = xrealloc(copying->in_new,
		    copying->room * sizeof(copying->in_new[0]));
	}
	copying->names[copying->count] = xstrdup(name);
	copying->in_new[copying->count++] = in_new;
	return 0;
}

static int
copy_message(struct copying *copying, bool in_new, const char *name)
{
	int fd = maildir_open_message(copying->maildir, in_new, name);
	char *path;
	int rc;

	if (fd == -1)
		return errno == ENOENT ? 0 : -1; /* removed meanwhile */
	path =
	    xasprintf("%s/%s/%s", copying->path, in_new ? "new" : "cur", name);
	rc = backup_add_file(copying->backup, path, fd);
	free(path);
	close(fd);
	return rc;
}

static int
copy_messages(struct backup *backup, const struct maildir *maildir,
    const char *path)
{
	struct copying copying = { .backup = backup,
		.maildir = maildir,
		.path = path };
	size_t before;
	int rc = 0;
	int scans = 0;

	do {
		before = copying.count;
		rc = maildir_scan(maildir, see, &copying);
	} while (rc == 0 && copying.count != before && ++scans < SCANS);
	for (size_t i = 0; i < copying.count; i++) {
		if (rc == 0)
			rc = copy_message(&copying, copying.in_new[i],
			    copying.names[i]);
		free(copying.names[i]);
	}
	free(copying.names);
	free(copying.in_new);
	name_set_clear(&copying.seen);
	return rc;
}

static bool
begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* Another program's file beside the messages: dovecot-uidlist, and such. */
static int
copy_small(struct backup *backup, int folder, const char *name,
    const char *path)
{
	const int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
	struct buf data = BUF_INIT;
	struct stat st;
	int fd = openat(folder, name, flags);
	int rc = 0;

	if (fd == -1)
		return 0;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    buf_read(&data, fd, SMALL_FILE) == 0)
		rc = backup_add_data(backup, path, &data, st.st_mtime);
	buf_clear(&data);
	close(fd);
	return rc;
}

/* What stands beside new/ and cur/. */
static int
copy_beside(struct backup *backup, int root, const char *name, const char *path)
{
	struct stat st;

	if (fstatat(root, name, &st, AT_SYMLINK_NOFOLLOW) == -1 ||
	    !S_ISREG(st.st_mode) || strcmp(name, MAILDIR_SESSION_LOCK) == 0)
		return 0;
	/* A cache but for the envelopes: where it is damaged, mail is not. */
	if (strcmp(name, INDEX_FILE) == 0)
		return backup_add_database(backup, path, path) == -1 ? -1 : 0;
	if (begins(name, INDEX_FILE))
		return 0;
	return copy_small(backup, root, name, path);
}

static int
copy_files(struct backup *backup, const struct maildir *maildir,
    const char *folder)
{
	int fd = openat(maildir->root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = fd == -1 ? NULL : fdopendir(fd);
	int rc = 0;

	if (list == NULL) {
		log_errno("list %s", log_safe(folder));
		if (fd != -1)
			close(fd);
		return -1;
	}
	for (const struct dirent *entry = readdir(list);
	     rc == 0 && entry != NULL; entry = readdir(list)) {
		char *path = xasprintf("%s/%s", folder, entry->d_name);

		rc = copy_beside(backup, maildir->root, entry->d_name, path);
		free(path);
	}
	closedir(list);
	return rc;
}

/* FOLDER without its subfolders; nothing if it is no Maildir. */
static int
copy_maildir(struct backup *backup, const char *folder)
{
	struct maildir maildir;
	struct stat st;
	int rc = 0;
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd == -1)
		return errno == ENOENT ? 0
				       : log_errno("open %s", log_safe(folder));
	if ((fstatat(fd, "cur", &st, AT_SYMLINK_NOFOLLOW) == 0 ||
		fstatat(fd, "new", &st, AT_SYMLINK_NOFOLLOW) == 0)) {
		rc = maildir_look(fd, ".", &maildir);
		if (rc == 0)
			rc = copy_messages(backup, &maildir, folder);
		if (rc == 0)
			rc = copy_files(backup, &maildir, folder);
		maildir_close(&maildir);
	}
	close(fd);
	return rc;
}

/* Calls WORK for each folder in PATH: those with a dot in front, or others. */
static int
each_folder(struct backup *backup, const char *path, bool dotted,
    int (*work)(struct backup *backup, const char *path))
{
	DIR *list = opendir(path);
	int rc = 0;

	if (list == NULL)
		return errno == ENOENT || errno == ENOTDIR
		    ? 0
		    : log_errno("list %s", log_safe(path));
	for (const struct dirent *entry = readdir(list);
	     rc == 0 && entry != NULL; entry = readdir(list)) {
		char *folder = xasprintf("%s/%s", path, entry->d_name);
		struct stat st;

		if ((entry->d_name[0] == '.') == dotted &&
		    strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0 &&
		    lstat(folder, &st) == 0 && S_ISDIR(st.st_mode))
			rc = work(backup, folder);
		free(folder);
	}
	closedir(list);
	return rc;
}

int
backup_mailbox(struct backup *backup, const char *folder)
{
	if (copy_maildir(backup, folder) == -1)
		return -1;
	return each_folder(backup, folder, true, copy_maildir);
}

static int
copy_domain(struct backup *backup, const char *path)
{
	return each_folder(backup, path, false, backup_mailbox);
}

int
backup_mail(struct backup *backup)
{
	return each_folder(backup, "mail", false, copy_domain);
}
