/*
 * usage.c - adds up the S= of the file names.
 */
#include "mda/usage.h"

#include <time.h>

#include "mda/subfolder.h"

enum { TIME_SHARE = 20, NANOSECONDS = 1000000000, RECOUNT = 60 };

static int64_t
now_nanoseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * NANOSECONDS + now.tv_nsec;
}

/* The folder NAME of a Maildir, too. */
struct counting {
	const struct maildir *maildir;
	int64_t octets;
};

static void
count_subfolder(void *arg, const char *name)
{
	struct counting *counting = arg;
	struct maildir folder;

	if (maildir_look(counting->maildir->root, name, &folder) == -1)
		return;
	counting->octets += maildir_octets(&folder);
	maildir_close(&folder);
}

static int64_t
count_all(const struct maildir *maildir)
{
	struct counting counting = { maildir, maildir_octets(maildir) };

	subfolder_each(maildir, count_subfolder, &counting);
	return counting.octets;
}

int64_t
usage_count(struct usage *usage, const struct maildir *maildir)
{
	struct folder_times times = folder_times_read(maildir);
	int64_t start = now_nanoseconds(), end;

	if (start < usage->next ||
	    (start < usage->last + (int64_t)RECOUNT * NANOSECONDS &&
		usage->last != 0 && folder_times_same(times, usage->times)))
		return usage->octets;
	usage->octets = count_all(maildir);
	end = now_nanoseconds();
	usage->last = start;
	usage->times = times;
	usage->next = end + (end - start) * TIME_SHARE;
	return usage->octets;
}

void
usage_add(struct usage *usage, int64_t octets)
{
	usage->octets += octets;
}
