/* check_queue_world.c - a queue of its own for a test. */
#include "tests/check_queue_world.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/buf.h"
#include "smtpd/queue.h"
#include "tests/check_folder.h"

const char queue_test_text[] = "Subject: kept\n\nEvery byte of it.\n";
int queue_world = -1;
int incoming_world = -1;

void
queue_world_make(void)
{
	folder_enter();
	ck_assert_int_eq(mkdir("queue", 0700), 0);
	ck_assert_int_eq(mkdir("queue/incoming", 0700), 0);
	ck_assert_int_eq(mkdir("queue/incoming/spool", 0700), 0);
	queue_world = open("queue", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ne(queue_world, -1);
	incoming_world =
	    open("queue/incoming", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ne(incoming_world, -1);
}

void
queue_world_remove(void)
{
	close(incoming_world);
	close(queue_world);
	folder_leave();
}

static int
filled(int fd)
{
	if (fd == -1 ||
	    write_all(fd, queue_test_text, strlen(queue_test_text)) == -1)
		return -1;
	return fd;
}

int
queue_test_in_memory(void)
{
	return filled(memfd_create("message", MFD_CLOEXEC));
}

int
queue_test_without_name(void)
{
	return filled(
	    open("queue/incoming/spool", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
}

int
queue_test_commit(int message_fd)
{
	struct queue_entry entry;
	int fd;

	queue_entry_init(&entry, QUEUE_TEST_ID,
	    &(struct queue_origin){ .sender = "alice@campus.example" });
	queue_entry_add(&entry, "bob@campus.example", "")->local = true;
	fd = queue_commit(incoming_world, &entry, message_fd);
	queue_entry_clear(&entry);
	return fd;
}

bool
queue_test_is_there(void)
{
	struct queue_entry entry;
	int lock;

	queue_take_all(queue_world);
	lock = queue_read(queue_world, QUEUE_TEST_ID, true, &entry);

	if (lock == -1) {
		ck_assert_int_eq(errno, ENOENT);
		queue_entry_clear(&entry);
		return false;
	}
	ck_assert_str_eq(entry.recipients[0].address, "bob@campus.example");
	ck_assert_int_eq(entry.size, (int64_t)strlen(queue_test_text));
	ck_file(QUEUE_TEST_MSG, queue_test_text);
	close(lock);
	queue_entry_clear(&entry);
	return true;
}

void
ck_queue_is_empty(void)
{
	queue_clean(queue_world, -2);
	/* rmdir takes only an empty folder. */
	ck_assert_int_eq(rmdir("queue/incoming/spool"), 0);
	ck_assert_int_eq(rmdir("queue/incoming"), 0);
	ck_assert_int_eq(rmdir("queue"), 0);
}

void
ck_file(const char *path, const char *expected)
{
	struct buf got = BUF_INIT;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(buf_read(&got, fd, 1 << 20), 0);
	ck_assert_str_eq(got.data, expected);
	close(fd);
	buf_clear(&got);
}
