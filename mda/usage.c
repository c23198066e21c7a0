/*
 * usage.c - adds up the S= of the file names.
 */
#include "mda/usage.h"

#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>

enum { TIME_SHARE = 20, NANOSECONDS = 1000000000 };

struct counting {
	const struct maildir *maildir;
	int64_t octets;
};

static int64_t
now_nanoseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * NANOSECONDS + now.tv_nsec;
}

static struct timespec
changed(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 ? st.st_mtim : (struct timespec){ 0 };
}

static bool
is_same_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

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
usage_count(struct usage *usage, const struct maildir *maildir)
{
	struct counting counting = { .maildir = maildir };
	struct timespec new_changed = changed(maildir->new);
	struct timespec cur_changed = changed(maildir->cur);
	int64_t start = now_nanoseconds(), end;

	if (start < usage->next ||
	    (is_same_time(new_changed, usage->new_changed) &&
		is_same_time(cur_changed, usage->cur_changed)))
		return usage->octets;
	maildir_scan(maildir, count_one, &counting);
	end = now_nanoseconds();
	usage->octets = counting.octets;
	usage->new_changed = new_changed;
	usage->cur_changed = cur_changed;
	usage->next = end + (end - start) * TIME_SHARE;
	return usage->octets;
}

void
usage_add(struct usage *usage, int64_t octets)
{
	usage->octets += octets;
}
