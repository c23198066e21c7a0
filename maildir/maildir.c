/*
 * maildir.c - opens and makes a Maildir, and delivers into it.
 *
 * A delivery is a draft in tmp/ that maildir_commit() links into new/: see
 * there for the commit point.  link(2) and not rename(2), because it refuses
 * to replace a message that is there already.  Reading and moving what has
 * been delivered is in maildir_file.c.
 */
#include "maildir/maildir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/log.h"
#include "common/mem.h"
#include "maildir/maildir_name.h"

enum {
	DRAFT_TRIES = 10,       /* for a name that nobody has */
	DRAFT_LIFE = 36 * 3600, /* seconds, cr.yp.to/proto/maildir.html */
};

static int
open_folder(int at, const char *path, int flags)
{
	return openat(at, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | flags);
}

static void
close_folder(int *fd)
{
	if (*fd != -1)
		close(*fd);
	*fd = -1;
}

/*
 * Makes the folder NAME in PARENT durably and opens it.  Another process may
 * have made it and not synced it yet, so the sync is done in any case.
 */
static int
make_folder(int parent, const char *name, int flags)
{
	if (mkdirat(parent, name, 0700) == -1 && errno != EEXIST)
		return log_errno("make folder %s", log_safe(name));
	if (fsync(parent) == -1)
		return log_errno("sync folder of %s", log_safe(name));

	int fd = open_folder(parent, name, flags);

	return fd != -1 ? fd : log_errno("open folder %s", log_safe(name));
}

/*
 * Opens PATH, making it and those of its parents that are missing.  Goes from
 * the far end upwards: Landlock lets us open nothing above the mail root.
 */
static int
make_path(int at, const char *path)
{
	int fd = open_folder(at, path, 0);

	if (fd != -1 || errno != ENOENT)
		return fd != -1 ? fd : log_errno("open %s", log_safe(path));

	char *parent = xstrdup(path);
	size_t length = strlen(parent);

	while (length > 1 && parent[length - 1] == '/')
		parent[--length] = '\0';

	char *slash = strrchr(parent, '/');
	const char *name = slash != NULL ? slash + 1 : parent;
	int parent_fd;

	if (slash == NULL || slash == parent) {
		parent_fd = open_folder(at, slash == NULL ? "." : "/", 0);
		if (parent_fd == -1)
			log_errno("open folder of %s", log_safe(path));
	} else {
		*slash = '\0';
		parent_fd = make_path(at, parent);
	}
	if (parent_fd != -1)
		fd = make_folder(parent_fd, name, 0);
	close_folder(&parent_fd);
	free(parent);
	return fd;
}

/* Whether ROOT is a Maildir already, though perhaps not a whole one. */
static bool
is_maildir(int root)
{
	struct stat st;

	return (fstatat(root, "new", &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		   S_ISDIR(st.st_mode)) ||
	    (fstatat(root, "cur", &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		S_ISDIR(st.st_mode));
}

/* One of tmp, new and cur. */
static int
open_part(int root, const char *name)
{
	int fd = open_folder(root, name, O_NOFOLLOW);

	if (fd != -1)
		return fd;
	if (errno != ENOENT)
		return log_errno("open folder %s", name);
	return make_folder(root, name, O_NOFOLLOW);
}

int
maildir_open(int at, const char *path, bool create, struct maildir *maildir_out)
{
	struct maildir m = { -1, -1, -1, -1 };

	*maildir_out = m;
	m.root = create ? make_path(at, path) : open_folder(at, path, 0);
	if (m.root == -1)
		return create ? -1 : log_errno("open %s", log_safe(path));
	if (!create && !is_maildir(m.root)) {
		close_folder(&m.root);
		errno = ENOENT;
		return log_errno("open Maildir %s", log_safe(path));
	}
	m.tmp = open_part(m.root, "tmp");
	m.cur = m.tmp == -1 ? -1 : open_part(m.root, "cur");
	m.new = m.cur == -1 ? -1 : open_part(m.root, "new");
	if (m.new == -1) {
		maildir_close(&m);
		return -1;
	}
	*maildir_out = m;
	return 0;
}

int
maildir_look(int at, const char *path, struct maildir *maildir_out)
{
	struct maildir m = { -1, -1, -1, -1 };

	*maildir_out = m;
	m.root = open_folder(at, path, 0);
	if (m.root == -1)
		return log_errno("open %s", log_safe(path));
	m.tmp = open_folder(m.root, "tmp", O_NOFOLLOW);
	m.new = open_folder(m.root, "new", O_NOFOLLOW);
	m.cur = open_folder(m.root, "cur", O_NOFOLLOW);
	*maildir_out = m;
	if (m.new != -1 || m.cur != -1)
		return 0;
	maildir_close(maildir_out);
	errno = ENOENT;
	return log_errno("open Maildir %s", log_safe(path));
}

void
maildir_close(struct maildir *maildir)
{
	close_folder(&maildir->root);
	close_folder(&maildir->tmp);
	close_folder(&maildir->new);
	close_folder(&maildir->cur);
}

int
maildir_draft(const struct maildir *maildir, struct maildir_draft *draft_out)
{
	const int flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;

	for (int i = 0; i < DRAFT_TRIES; i++) {
		maildir_name_new(draft_out->name);
		draft_out->fd =
		    openat(maildir->tmp, draft_out->name, flags, 0600);
		if (draft_out->fd != -1)
			return 0;
		if (errno != EEXIST)
			break;
	}
	return log_errno("create tmp/%s", draft_out->name);
}

int
maildir_commit_as(const struct maildir *maildir, struct maildir_draft *draft,
    bool in_new, const char *name)
{
	int folder = in_new ? maildir->new : maildir->cur;
	const char *where = in_new ? "new" : "cur";
	int rc = -1;

	/*
	 * A failed fsync is final: the kernel has marked the pages clean, and a
	 * second fsync would say success (Rebello et al., ATC 2020).
	 */
	if (fsync(draft->fd) == -1) {
		log_errno("sync tmp/%s", draft->name);
		goto out;
	}
	if (linkat(maildir->tmp, draft->name, folder, name, 0) == -1) {
		log_errno("link %s/%s", where, log_safe(name));
		goto out;
	}
	/*
	 * The commit point: readers see the message since the link; once this
	 * returns 0 it survives a power cut, and only then is there a 250.
	 */
	if (fsync(folder) == -1) {
		int saved = errno;

		log_errno("sync %s/ for %s", where, log_safe(name));
		unlinkat(folder, name, 0);
		errno = saved;
		goto out;
	}
	rc = 0;
out:
	maildir_abandon(maildir, draft);
	return rc;
}

int
maildir_commit(const struct maildir *maildir, struct maildir_draft *draft,
    int64_t size, int64_t wire, char *name_out)
{
	maildir_name_sized(draft->name, size, wire, name_out);
	return maildir_commit_as(maildir, draft, true, name_out);
}

void
maildir_abandon(const struct maildir *maildir, struct maildir_draft *draft)
{
	int saved = errno; /* of what made the caller give up */

	if (draft->fd == -1)
		return;
	close(draft->fd);
	draft->fd = -1;
	/* If that fails, maildir_clean_tmp() will find it. */
	unlinkat(maildir->tmp, draft->name, 0);
	errno = saved;
}

/* Whether the draft tmp/NAME was left behind long ago. */
static bool
is_stale(int tmp, const char *name, time_t now)
{
	struct stat st;

	if (fstatat(tmp, name, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return false;
	return S_ISREG(st.st_mode) && st.st_mtime < now - DRAFT_LIFE &&
	    st.st_atime < now - DRAFT_LIFE;
}

void
maildir_clean_tmp(const struct maildir *maildir)
{
	int fd = open_folder(maildir->tmp, ".", 0);
	DIR *folder = fd == -1 ? NULL : fdopendir(fd);
	time_t now = time(NULL);

	if (folder == NULL) {
		log_errno("list tmp/");
		close_folder(&fd);
		return;
	}
	for (const struct dirent *entry = readdir(folder); entry != NULL;
	     entry = readdir(folder)) {
		if (!is_stale(maildir->tmp, entry->d_name, now))
			continue;
		if (unlinkat(maildir->tmp, entry->d_name, 0) == 0)
			log_event(LOG_INFO, "draft-removed", "file=%s",
			    log_safe(entry->d_name));
	}
	closedir(folder);
}
