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
folder_time(int fd)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return log_errno("look at a Maildir folder");
	return in_nanoseconds(st.st_mtim);
}

struct folder_times
folder_times_read(const struct maildir *maildir)
{
	return (struct folder_times){
		.new = folder_time(maildir->new),
		.cur = folder_time(maildir->cur),
	};
}

bool
folder_times_same(struct folder_times a, struct folder_times b)
{
	return a.new == b.new &&a.cur == b.cur &&a.new > 0 && a.cur > 0;
}

int64_t
folder_time_settled(int64_t mtime)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return mtime < in_nanoseconds(now) - SETTLE ? mtime : 0;
}
