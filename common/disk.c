/* disk.c - which file systems are trusted, and what is done in the others. */
#include "common/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "common/log.h"
#include "common/mem.h"

/* File systems whose syncfs() makes durable what fsync() would. */
static const unsigned long trusted[] = {
	EXT4_SUPER_MAGIC, /* ext2 and ext3, too */
	XFS_SUPER_MAGIC, BTRFS_SUPER_MAGIC, F2FS_SUPER_MAGIC,
	0x2fc12fc1, /* ZFS */
	0xca451a4e, /* bcachefs */
	OVERLAYFS_SUPER_MAGIC, NFS_SUPER_MAGIC, CEPH_SUPER_MAGIC,
	TMPFS_MAGIC, /* keeps nothing anyway */
};

bool
disk_is_flushed_whole(int fd)
{
	struct statfs st;

	if (fstatfs(fd, &st) == -1)
		return false;
	for (size_t i = 0; i < COUNT(trusted); i++)
		if ((unsigned long)st.f_type == trusted[i])
			return true;
	return false;
}

/* What went meanwhile is nothing to flush. */
static int
flush_one(const char *path, int flags)
{
	int fd =
	    open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | flags);
	int rc = 0;

	if (fd == -1)
		return errno == ENOENT ? 0
				       : log_errno("open %s", log_safe(path));
	if (fsync(fd) == -1)
		rc = log_errno("sync %s", log_safe(path));
	close(fd);
	return rc;
}

/* A file; a folder behind all that is in it.  Nothing else can be flushed. */
static int
flush_found(const FTSENT *found)
{
	switch (found->fts_info) {
	case FTS_F:
		return flush_one(found->fts_accpath, 0);
	case FTS_DP:
		return flush_one(found->fts_accpath, O_DIRECTORY);
	case FTS_DNR:
	case FTS_ERR:
	case FTS_NS:
		if (found->fts_errno == ENOENT)
			return 0;
		errno = found->fts_errno;
		return log_errno("read %s", log_safe(found->fts_path));
	default:
		return 0;
	}
}

static int
flush_each(const char *path)
{
	char *paths[] = { xstrdup(path), NULL };
	FTS *tree = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	FTSENT *found;
	int rc = 0;

	if (tree == NULL) {
		rc = log_errno("go through %s", log_safe(path));
	} else {
		while (rc == 0 && (found = fts_read(tree)) != NULL)
			rc = flush_found(found);
		fts_close(tree);
	}
	free(paths[0]);
	return rc;
}

/* The folder's own name is in a folder that we may not be able to open. */
static int
flush_name(int folder)
{
	int parent = openat(folder, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = 0;

	if (parent == -1)
		return 0;
	if (fsync(parent) == -1)
		rc = log_errno("sync the folder above");
	close(parent);
	return rc;
}

int
disk_flush_tree(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = 0;

	if (fd == -1)
		return log_errno("open %s", log_safe(path));
	if (!disk_is_flushed_whole(fd))
		rc = flush_each(path) == 0 ? flush_name(fd) : -1;
	else if (syncfs(fd) == -1)
		rc = log_errno("sync the file system of %s", log_safe(path));
	close(fd);
	return rc;
}
