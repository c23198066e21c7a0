/* fetched.c - a list in memory, and a file that only grows, or is replaced. */
#include "mua/fetched.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "common/buf.h"

enum {
	KEPT_SECONDS = 31 * 24 * 3600,
	MANY = 200, /* entries that could go */
	LIST_SIZE_MAX = 256 << 20,
};

static const char lock_name[] = "mua-fetch.lock";

static int
compare(const void *a, const void *b)
{
	const struct fetched_entry *first = a;
	const struct fetched_entry *second = b;

	return strcmp(first->uid, second->uid);
}

static void
append(struct fetched *fetched, const char *uid, size_t size, int64_t when)
{
	struct fetched_entry *entry;

	if (fetched->count == fetched->room) {
		fetched->room = fetched->room == 0 ? 64 : 2 * fetched->room;
		fetched->items = xrealloc(fetched->items,
		    fetched->room * sizeof(*fetched->items));
	}
	entry = &fetched->items[fetched->count++];
	*entry = (struct fetched_entry){ .when = when };
	entry->uid = xmalloc(size + 1);
	memcpy(entry->uid, uid, size);
	entry->uid[size] = '\0';
}

/* A line that was cut by a crash, or is none of ours, is not there. */
static void
take_line(struct fetched *fetched, const char *line, size_t size)
{
	char *end;
	long long when;

	if (*line < '0' || *line > '9')
		return;
	when = strtoll(line, &end, 10);
	if (*end != ' ' || end + 1 >= line + size)
		return;
	append(fetched, end + 1, (size_t)(line + size - end - 1), when);
}

static void
parse(struct fetched *fetched, const struct buf *text)
{
	const char *at = text->data;
	const char *stop;

	while ((stop = strchr(at, '\n')) != NULL) {
		take_line(fetched, at, (size_t)(stop - at));
		at = stop + 1;
	}
	if (fetched->count > 0)
		qsort(fetched->items, fetched->count, sizeof(*fetched->items),
		    compare);
	fetched->sorted = fetched->count;
}

/* Bytes that are safe in a file name; the rest becomes '_'. */
static char *
make_name(const char *login, const char *host)
{
	char *name = xasprintf("mua-fetched.%.100s@%.100s", login, host);

	for (char *at = name; *at != '\0'; at++)
		if (*at == '/' || *at < ' ' || *at > '~')
			*at = '_';
	return name;
}

static int
read_list(struct fetched *fetched)
{
	struct buf text = BUF_INIT;
	int rc;

	fetched->fd = openat(fetched->folder, fetched->name,
	    O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fetched->fd == -1)
		return -1;
	rc = buf_read(&text, fetched->fd, LIST_SIZE_MAX);
	if (rc == 1)
		errno = EFBIG;
	/* What was cut is a line of its own now, and no line of ours. */
	if (rc == 0 && text.size > 0 && text.data[text.size - 1] != '\n')
		rc = write_all(fetched->fd, "\n", 1);
	if (rc == 0)
		parse(fetched, &text);
	buf_clear(&text);
	return rc == 0 ? 0 : -1;
}

int
fetched_open(struct fetched *fetched, int folder, const char *login,
    const char *host)
{
	*fetched = (struct fetched){ .folder = folder, .fd = -1 };
	fetched->lock = openat(folder, lock_name,
	    O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fetched->lock == -1 ||
	    flock(fetched->lock, LOCK_EX | LOCK_NB) == -1)
		return -1;
	fetched->name = make_name(login, host);
	return read_list(fetched);
}

void
fetched_close(struct fetched *fetched)
{
	for (size_t i = 0; i < fetched->count; i++)
		free(fetched->items[i].uid);
	free(fetched->items);
	free(fetched->name);
	if (fetched->fd != -1)
		close(fetched->fd);
	if (fetched->lock != -1)
		close(fetched->lock);
	*fetched = (struct fetched){ .fd = -1, .lock = -1 };
}

struct fetched_entry *
fetched_find(struct fetched *fetched, const char *uid)
{
	const struct fetched_entry wanted = { .uid = xstrdup(uid) };
	struct fetched_entry *found = NULL;

	if (fetched->sorted > 0)
		found = bsearch(&wanted, fetched->items, fetched->sorted,
		    sizeof(*fetched->items), compare);
	for (size_t i = fetched->sorted; found == NULL && i < fetched->count;
	     i++)
		if (strcmp(fetched->items[i].uid, uid) == 0)
			found = &fetched->items[i];
	free(wanted.uid);
	return found;
}

int
fetched_add(struct fetched *fetched, const char *uid)
{
	int64_t when = time(NULL);
	char *line = xasprintf("%lld %s\n", (long long)when, uid);
	int rc = write_all(fetched->fd, line, strlen(line));

	free(line);
	if (rc == -1)
		return -1;
	append(fetched, uid, strlen(uid), when);
	fetched->items[fetched->count - 1].is_there = true;
	return 0;
}

int
fetched_sync(struct fetched *fetched)
{
	return fsync(fetched->fd);
}

static bool
is_stale(const struct fetched_entry *entry, int64_t now)
{
	return !entry->is_there && now - entry->when > KEPT_SECONDS;
}

static int
replace(struct fetched *fetched, const struct buf *text)
{
	char *draft = xasprintf("%s.new", fetched->name);
	int fd = openat(fetched->folder, draft,
	    O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_NOFOLLOW | O_CLOEXEC,
	    0600);
	int rc = -1;

	if (fd != -1 && write_all(fd, text->data, text->size) == 0 &&
	    fsync(fd) == 0 &&
	    renameat(fetched->folder, draft, fetched->folder, fetched->name) ==
		0)
		rc = fsync(fetched->folder);
	free(draft);
	if (rc == -1) {
		if (fd != -1)
			close(fd);
		return -1;
	}
	close(fetched->fd);
	fetched->fd = fd;
	return 0;
}

int
fetched_tidy(struct fetched *fetched)
{
	struct buf text = BUF_INIT;
	int64_t now = time(NULL);
	size_t stale = 0;
	int rc = 0;

	for (size_t i = 0; i < fetched->count; i++) {
		const struct fetched_entry *entry = &fetched->items[i];

		if (is_stale(entry, now))
			stale++;
		else
			buf_printf(&text, "%lld %s\n", (long long)entry->when,
			    entry->uid);
	}
	if (stale >= MANY)
		rc = replace(fetched, &text);
	buf_clear(&text);
	return rc;
}
