/* check_box.c - a Maildir "box" in a folder of its own, for tests. */
#include "tests/check_box.h"

#include <check.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/sandbox.h"
#include "maildir/folder_times.h"
#include "maildir/message.h"
#include "tests/check_folder.h"

struct maildir box;
char box_name[MAILDIR_NAME_MAX + 1];
static struct buf text_of_list = BUF_INIT;

void
box_open(void)
{
	folder_enter();
	ck_assert_int_eq(maildir_open(AT_FDCWD, "box", true, &box), 0);
}

void
box_close(void)
{
	maildir_close(&box);
	buf_clear(&text_of_list);
	folder_leave();
}

void
box_deliver(struct index *index, const char *text,
    const struct delivery *delivery)
{
	struct maildir_draft draft;
	int64_t size = (int64_t)strlen(text);
	int64_t wire = size;
	int fd;

	for (const char *c = text; *c != '\0'; c++)
		wire += *c == '\n';
	ck_assert_int_eq(maildir_draft(&box, &draft), 0);
	ck_assert_int_eq(write_all(draft.fd, text, strlen(text)), 0);
	fd = fcntl(draft.fd, F_DUPFD_CLOEXEC, 0);
	ck_assert_int_eq(maildir_commit(&box, &draft, size, wire, box_name), 0);
	if (index != NULL)
		ck_assert_int_eq(index_add(index, box_name, fd, delivery), 0);
	close(fd);
}

int
box_confine(void)
{
	static const struct sandbox_path paths[] = {
		{ "box", SB_ALL | SB_MKDIR, "the mailbox" },
		{ .path = NULL },
	};
	static const struct sandbox sandbox = {
		.role = "test",
		.paths = paths,
		.calls = SB_CALL_SQLITE | SB_CALL_LIST,
		.memory = (size_t)512 * 1024 * 1024,
		.files = 64,
	};

	message_library_init();
	return sandbox_enter(&sandbox);
}

void
box_put(const char *place, const char *text)
{
	int fd = openat(box.root, place,
	    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(write_all(fd, text, strlen(text)), 0);
	close(fd);
}

void
box_settle(void)
{
	struct folder_times times;

	do {
		usleep(50000);
		times = folder_times_settled(folder_times_read(&box));
	} while (!folder_times_same(times, times));
}

bool
box_has_just_changed(int folder)
{
	struct timespec now;
	struct stat st;

	clock_gettime(CLOCK_REALTIME, &now);
	ck_assert_int_eq(fstat(folder, &st), 0);
	return now.tv_sec - st.st_ctim.tv_sec < 2;
}

static int
add_name(void *arg, const struct index_entry *entry)
{
	(void)arg;
	buf_printf(&text_of_list, "%s/%s[%s] ", entry->in_new ? "new" : "cur",
	    entry->name, entry->flags);
	return 0;
}

const char *
box_contents(struct index *index)
{
	buf_reset(&text_of_list);
	ck_assert_int_eq(index_list(index, add_name, NULL), 0);
	return text_of_list.data;
}

static int
add_size(void *arg, const struct index_entry *entry)
{
	(void)arg;
	buf_printf(&text_of_list, "%lld ", (long long)entry->octets);
	return 0;
}

const char *
box_sizes(struct index *index)
{
	buf_reset(&text_of_list);
	ck_assert_int_eq(index_list_sizes(index, add_size, NULL), 0);
	return text_of_list.data;
}

static int
count_one(void *arg, const struct index_entry *entry)
{
	(void)entry;
	++*(int *)arg;
	return 0;
}

int
box_count(struct index *index)
{
	int count = 0;

	ck_assert_int_eq(index_list_sizes(index, count_one, &count), 0);
	return count;
}
