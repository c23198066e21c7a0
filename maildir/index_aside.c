/*
 * index_aside.c - the files of the index, and those that are no good put away.
 *
 * A log or a journal left beside a new index.sqlite would be played into it, so
 * it goes first; and nobody may open the old file meanwhile, hence the lock.
 * Who has it open already goes on with the renamed files and does no harm,
 * because SQLite is told (index_db.c) to leave them where they are.
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

	if (renameat(root, from, root, to) == 0)
		return 0;
	saved = errno;
	/* What is there is of an earlier one, and not beside this one. */
	if (saved == ENOENT && (unlinkat(root, to, 0) == 0 || errno == ENOENT))
		return 0;
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
	static const char *const endings[] = { "-journal", INDEX_LOG,
		INDEX_MEMORY, "" };

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

/* FILE with ENDING; false when there is none. */
static bool
look_at(int root, const char *file, const char *ending, struct stat *st_out)
{
	char name[64];

	snprintf(name, sizeof(name), "%s%s", file, ending);
	return fstatat(root, name, st_out, AT_SYMLINK_NOFOLLOW) == 0;
}

void
index_remove_log(int root, const char *file)
{
	static const char *const endings[] = { "", INDEX_LOG, INDEX_MEMORY };
	struct stat st;

	for (size_t i = 0; i < COUNT(endings); i++) {
		char name[64];

		if (!look_at(root, file, endings[i], &st) ||
		    !S_ISREG(st.st_mode) || (i == 0 && st.st_size > 0))
			continue;
		snprintf(name, sizeof(name), "%s%s", file, endings[i]);
		if (unlinkat(root, name, 0) == -1)
			log_errno("remove %s of %s", name, index_where(root));
	}
}

bool
index_has_log(int root, const char *file)
{
	struct stat st;

	return look_at(root, file, INDEX_LOG, &st) ||
	    look_at(root, file, INDEX_MEMORY, &st);
}

bool
index_log_is_empty(int root, const char *file)
{
	struct stat st;

	return !look_at(root, file, INDEX_LOG, &st) || st.st_size == 0;
}
