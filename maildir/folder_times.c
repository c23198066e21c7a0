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

static void
read_times(int fd, int64_t *modified_out, int64_t *changed_out)
{
	struct stat st;

	*modified_out = *changed_out = -1;
	if (fstat(fd, &st) == -1) {
		log_errno("look at a Maildir folder");
		return;
	}
	*modified_out = in_nanoseconds(st.st_mtim);
	*changed_out = in_nanoseconds(st.st_ctim);
}

struct folder_times
folder_times_read(const struct maildir *maildir)
{
	struct folder_times times = { .read = time_of_day() };

	read_times(maildir->new, &times.new, &times.changed_new);
	read_times(maildir->cur, &times.cur, &times.changed_cur);
	return times;
}

bool
folder_times_same(struct folder_times a, struct folder_times b)
{
	if (a.new <= 0 || a.new != b.new)
		return false;
	return a.cur > 0 && a.cur == b.cur;
}

bool
folder_times_untouched(struct folder_times a, struct folder_times b)
{
	return folder_times_same(a, b) && a.changed_new == b.changed_new &&
	    a.changed_cur == b.changed_cur;
}

struct folder_times
folder_times_settled(struct folder_times times)
{
	if (times.new >= times.read - SETTLE)
		times.new = 0;
	if (times.cur >= times.read - SETTLE)
		times.cur = 0;
	return times;
}
