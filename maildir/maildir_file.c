/*
 * maildir_file.c - the messages that are in a Maildir: listed, opened, moved.
 *
 * Any other Maildir program may move a message from new/ to cur/ or change its
 * flags at any moment, so a name is only where it was last seen; find_file()
 * looks for it anew by its base.  Files are opened without following links and
 * without waiting: a fifo in new/ hangs Dovecot and Courier.
 */
#include "maildir/maildir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/log.h"
#include "common/mem.h"
#include "maildir/maildir_name.h"

/* Where a message is. */
struct place {
	int folder; /* a descriptor of new/ or cur/ */
	char name[MAILDIR_NAME_MAX + 1];
};

static DIR *
list_folder(int folder)
{
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = fd == -1 ? NULL : fdopendir(fd);

	if (list == NULL) {
		log_errno("list a Maildir folder");
		if (fd != -1)
			close(fd);
	}
	return list;
}

/* Some file systems leave d_type open. */
static bool
is_message(int folder, const struct dirent *entry)
{
	struct stat st;

	if (!maildir_name_is_plain(entry->d_name))
		return false;
	if (entry->d_type != DT_UNKNOWN)
		return entry->d_type == DT_REG;
	return fstatat(folder, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISREG(st.st_mode);
}

static int
scan_folder(int folder, bool in_new,
    int (*each)(void *arg, bool in_new, const char *name), void *arg)
{
	DIR *list = list_folder(folder);
	int rc = 0;

	if (list == NULL)
		return -1;
	while (rc == 0) {
		errno = 0;

		const struct dirent *entry = readdir(list);

		if (entry == NULL) {
			rc =
			    errno == 0 ? 0 : log_errno("read a Maildir folder");
			break;
		}
		if (is_message(folder, entry))
			rc = each(arg, in_new, entry->d_name);
	}
	closedir(list);
	return rc;
}

int
maildir_scan(const struct maildir *maildir,
    int (*each)(void *arg, bool in_new, const char *name), void *arg)
{
	bool looked = maildir->root != -1;
	int rc = 0;

	/* In this order nothing is missed: messages go from new/ to cur/. */
	if (maildir->new != -1 || !looked)
		rc = scan_folder(maildir->new, true, each, arg);
	if (rc == 0 && (maildir->cur != -1 || !looked))
		rc = scan_folder(maildir->cur, false, each, arg);
	return rc;
}

struct search {
	const char *base;
	bool in_new;
	char name[MAILDIR_NAME_MAX + 1];
};

static int
compare_base(void *arg, bool in_new, const char *name)
{
	struct search *search = arg;

	if (!maildir_name_equal(name, search->base))
		return 0;
	search->in_new = in_new;
	return copy_string(search->name, sizeof(search->name), name);
}

/* Looks through both folders for the base of NAME.  False: it is gone. */
static bool
find_file(const struct maildir *maildir, const char *name, struct place *place)
{
	struct search search = { .base = name };

	if (maildir_scan(maildir, compare_base, &search) != 1)
		return false;
	place->folder = search.in_new ? maildir->new : maildir->cur;
	copy_string(place->name, sizeof(place->name), search.name);
	return true;
}

/*
 * Runs WORK on the message: where it was last seen, and when it is not there
 * where it is now.  WORK returns -1 with errno ENOENT for "not there".
 */
static int
at_message(const struct maildir *maildir, bool in_new, const char *name,
    int (*work)(const struct place *place, void *arg), void *arg)
{
	struct place place = { in_new ? maildir->new : maildir->cur, "" };

	errno = ENOENT;
	if (!maildir_name_is_plain(name) ||
	    !copy_string(place.name, sizeof(place.name), name))
		return -1;

	int rc = work(&place, arg);

	/* Twice, because it may be moved between the search and the work. */
	for (int i = 0; i < 2 && rc == -1 && errno == ENOENT; i++) {
		if (!find_file(maildir, name, &place)) {
			errno = ENOENT;
			return -1;
		}
		rc = work(&place, arg);
	}
	return rc;
}

static int
open_file(const struct place *place, void *arg)
{
	const int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
	int fd = openat(place->folder, place->name, flags);
	struct stat st;

	(void)arg;
	if (fd == -1)
		return -1;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fd;
	close(fd);
	errno = ENOENT; /* no message, whatever it is */
	return -1;
}

int
maildir_try_message(const struct maildir *maildir, bool in_new,
    const char *name)
{
	int fd = at_message(maildir, in_new, name, open_file, NULL);

	if (fd == -1 && (errno == ELOOP || errno == ENXIO))
		errno = ENOENT; /* a link, or a socket */
	return fd;
}

int
maildir_open_message(const struct maildir *maildir, bool in_new,
    const char *name)
{
	int fd = maildir_try_message(maildir, in_new, name);

	if (fd == -1 && errno != ENOENT)
		log_errno("open message %s", log_safe(name));
	return fd;
}

static int
remove_file(const struct place *place, void *arg)
{
	(void)arg;
	return unlinkat(place->folder, place->name, 0);
}

int
maildir_remove(const struct maildir *maildir, bool in_new, const char *name)
{
	if (at_message(maildir, in_new, name, remove_file, NULL) == 0 ||
	    errno == ENOENT)
		return 0;
	return log_errno("remove message %s", log_safe(name));
}

struct move {
	int cur;
	const char *flags;
	char *name; /* out */
};

/* Moves within or into cur/; never over another message. */
static int
move_file(const struct place *place, void *arg)
{
	struct move *move = arg;

	if (!maildir_name_flagged(place->name, move->flags, move->name)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	if (renameat2(place->folder, place->name, move->cur, move->name,
		RENAME_NOREPLACE) == 0)
		return 0;
	if (errno == EINVAL) /* a file system without NOREPLACE */
		return renameat(place->folder, place->name, move->cur,
		    move->name);
	return -1;
}

/* Whether NAME is in cur/ and has these flags already. */
static bool
is_flagged(const struct maildir *maildir, bool in_new, const char *name,
    const char *flagged)
{
	struct stat st;

	return !in_new && strcmp(name, flagged) == 0 &&
	    fstatat(maildir->cur, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

int
maildir_set_flags(const struct maildir *maildir, bool in_new, const char *name,
    const char *flags, char *name_out)
{
	struct move move = { maildir->cur, flags, name_out };

	if (maildir_name_is_plain(name) &&
	    maildir_name_flagged(name, flags, name_out) &&
	    is_flagged(maildir, in_new, name, name_out))
		return 0;
	if (at_message(maildir, in_new, name, move_file, &move) == 0)
		return 0;
	if (errno == ENOENT)
		return -1;
	return log_errno("set flags of message %s", log_safe(name));
}

int64_t
maildir_arrival(const struct maildir *maildir, bool in_new, const char *name)
{
	int64_t seconds = maildir_name_time(name);
	struct stat st;

	if (seconds > 0)
		return seconds;
	if (!maildir_name_is_plain(name) ||
	    fstatat(in_new ? maildir->new : maildir->cur, name, &st,
		AT_SYMLINK_NOFOLLOW) == -1)
		return 0;
	return st.st_mtime;
}

/* Octets that the wire adds to those stored. */
struct wire {
	char last;
	int64_t added; /* CRs, and the LF of an unfinished line */
};

static void
count_wire(struct wire *wire, const char *data, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		wire->added += data[i] == '\n' && wire->last != '\r';
		wire->last = data[i];
	}
}

static int64_t
wire_added(const struct wire *wire)
{
	if (wire->last == '\n')
		return wire->added;
	return wire->added + (wire->last == '\r' ? 1 : 2);
}

int64_t
maildir_wire_octets(const char *data, size_t size)
{
	struct wire wire = { .last = '\n' };

	count_wire(&wire, data, size);
	return (int64_t)size + wire_added(&wire);
}

int64_t
maildir_wire_size(int fd)
{
	struct wire wire = { .last = '\n' };
	char data[16384];
	off_t offset = 0;
	ssize_t n;

	while ((n = pread(fd, data, sizeof(data), offset)) > 0) {
		count_wire(&wire, data, (size_t)n);
		offset += n;
	}
	return n == -1 ? -1 : offset + wire_added(&wire);
}

int
maildir_sync(const struct maildir *maildir)
{
	if (fsync(maildir->new) == -1)
		return log_errno("sync new/");
	if (fsync(maildir->cur) == -1)
		return log_errno("sync cur/");
	return 0;
}

struct counting {
	const struct maildir *maildir;
	int64_t octets;
};

static int
count_one(void *arg, bool in_new, const char *name)
{
	struct counting *counting = arg;
	const struct maildir *maildir = counting->maildir;
	struct maildir_name parsed;
	struct stat st;

	maildir_parse_name(name, &parsed);
	if (parsed.size >= 0)
		counting->octets += parsed.size;
	else if (fstatat(in_new ? maildir->new : maildir->cur, name, &st,
		     AT_SYMLINK_NOFOLLOW) == 0)
		counting->octets += st.st_size;
	return 0;
}

int64_t
maildir_octets(const struct maildir *maildir)
{
	struct counting counting = { .maildir = maildir };

	maildir_scan(maildir, count_one, &counting);
	return counting.octets;
}
