/*
 * index_aside.c - the file of the index, and one that is no good put away.
 *
 * A journal left beside a new index.sqlite would be played into it, so it goes
 * first; and nobody may open the old file meanwhile, hence the lock.  Who has
 * it open already goes on with the renamed file and does no harm.
 */
#include "maildir/index_aside.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/log.h"
#include "common/mem.h"

const char *
index_where(int root)
{
	char link[64];
	char path[PATH_MAX];

	snprintf(link, sizeof(link), "/proc/self/fd/%d", root);

	ssize_t n = readlink(link, path, sizeof(path));

	return log_safe_bytes(path, n == -1 ? 0 : (size_t)n);
}

/*
 * A link, a fifo or a socket, in which there is nothing to keep.  A worker may
 * remove it and not rename it: to Landlock that is to make one.
 */
static bool
remove_empty(int root, const char *name)
{
	struct stat st;

	return fstatat(root, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode) &&
	    unlinkat(root, name, 0) == 0;
}

static int
move_aside(int root, const char *from, const char *to)
{
	int saved;

	if (renameat(root, from, root, to) == 0 || errno == ENOENT)
		return 0;
	saved = errno;
	if (remove_empty(root, from))
		return 0;
	/* An earlier one of another kind is in the way. */
	if (unlinkat(root, to, 0) == 0 || unlinkat(root, to, AT_REMOVEDIR) == 0)
		if (renameat(root, from, root, to) == 0)
			return 0;
	errno = saved;
	return log_errno("set aside %s of %s", from, index_where(root));
}

int
index_set_aside(int root, const char *file)
{
	static const char *const endings[] = { "-journal", "-wal", "-shm", "" };

	for (size_t i = 0; i < COUNT(endings); i++) {
		char from[64];
		char to[64];

		snprintf(from, sizeof(from), "%s%s", file, endings[i]);
		snprintf(to, sizeof(to), "%s.bad%s", file, endings[i]);
		if (move_aside(root, from, to) == -1)
			return -1;
	}
	log_event(LOG_WARN, "index-set-aside", "maildir=%s file=%s.bad",
	    index_where(root), file);
	return 0;
}
