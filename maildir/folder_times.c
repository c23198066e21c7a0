/* folder_times.c - whether a Maildir is as it was. */
#include "maildir/folder_times.h"

#include <sys/stat.h>
#include <time.h>

#include "common/log.h"
#include "maildir/maildir.h"

static const int64_t SECOND = 1000000000;
static const int64_t SETTLE = 2 * SECOND;

static int64_t
in_nanoseconds(struct timespec time)
{
	return time.tv_sec * SECOND + time.tv_nsec;
}

static int64_t
time_of_day(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return in_nanoseconds(now);
}

static struct folder_time
read_time(int fd)
{
	struct stat st;

	if (fstat(fd, &st) == -1) {
		log_errno("look at a Maildir folder");
		return (struct folder_time){ .modified = -1 };
	}
	return (struct folder_time){
		.modified = in_nanoseconds(st.st_mtim),
		.changed = in_nanoseconds(st.st_ctim),
	};
}

struct folder_times
folder_times_read(const struct maildir *maildir)
{
	struct folder_times times = { .read = time_of_day() };

	times.new = read_time(maildir->new);
	times.cur = read_time(maildir->cur);
	return times;
}

bool
folder_time_same(struct folder_time a, struct folder_time b)
{
	return a.modified > 0 && a.modified == b.modified &&
	    a.changed == b.changed;
}

bool
folder_times_same(struct folder_times a, struct folder_times b)
{
	return folder_time_same(a.new, b.new) && folder_time_same(a.cur, b.cur);
}

/* Nobody sets an mtime without changing the ctime. */
static struct folder_time
settled(struct folder_time time, int64_t read)
{
	if (time.changed >= read - SETTLE)
		return (struct folder_time){ 0 };
	return time;
}

struct folder_times
folder_times_settled(struct folder_times times)
{
	times.new = settled(times.new, times.read);
	times.cur = settled(times.cur, times.read);
	return times;
}
