/*
 * durable.c - what the disk can do: durable creates of 4 KB a second.
 *
 * Each of N writers does what a delivery into a Maildir must at least do, and
 * nothing else: write tmp/X, fsync, link to new/X, fsync new/, unlink tmp/X.
 * No mail system that answers 250 for a stored message can be faster on this
 * disk than this program in the same minute.
 *
 *   durable FOLDER WRITERS SECONDS     prints creates per second
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/buf.h"
#include "tests/bench/times.h"

enum { SIZE = 4096, WRITERS_MAX = 1000 };

static _Noreturn void
fail(const char *what)
{
	perror(what);
	_exit(EXIT_FAILURE);
}

static int
make_folder(const char *name)
{
	int fd;

	if (mkdir(name, 0700) == -1)
		fail(name);
	fd = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1)
		fail(name);
	return fd;
}

static void
create(int tmp, int new, const char *name, const char *data)
{
	int fd = openat(tmp, name, O_WRONLY | O_CREAT | O_EXCL, 0600);

	if (fd == -1)
		fail("create");
	if (write_all(fd, data, SIZE) == -1 || fsync(fd) == -1)
		fail("write");
	close(fd);
	if (linkat(tmp, name, new, name, 0) == -1 || fsync(new) == -1 ||
	    unlinkat(tmp, name, 0) == -1)
		fail("link");
}

/* One writer, in folders of its own, as one mailbox has them. */
static void
write_until(int writer, double end, long *count)
{
	char data[SIZE];
	char name[64];
	int tmp;
	int new;

	snprintf(name, sizeof(name), "tmp%d", writer);
	tmp = make_folder(name);
	snprintf(name, sizeof(name), "new%d", writer);
	new = make_folder(name);
	memset(data, 'x', sizeof(data));
	while (now() < end) {
		snprintf(name, sizeof(name), "%d.%ld", writer, *count);
		create(tmp, new, name, data);
		++*count;
	}
}

int
main(int argc, char **argv)
{
	const int shared = MAP_SHARED | MAP_ANONYMOUS;
	int writers = argc == 4 ? atoi(argv[2]) : 0;
	double seconds = argc == 4 ? atof(argv[3]) : 0;
	double start = now();
	long sum = 0;
	int failed = 0;
	int status;
	long *counts;

	if (writers < 1 || writers > WRITERS_MAX || seconds <= 0) {
		fprintf(stderr, "usage: durable FOLDER WRITERS SECONDS\n");
		return 64;
	}
	if (chdir(argv[1]) == -1)
		fail(argv[1]);
	counts = mmap(NULL, sizeof(*counts) * WRITERS_MAX,
	    PROT_READ | PROT_WRITE, shared, -1, 0);
	if (counts == MAP_FAILED)
		fail("mmap");
	for (int i = 0; i < writers; i++)
		if (fork() == 0) {
			write_until(i, start + seconds, &counts[i]);
			_exit(EXIT_SUCCESS);
		}
	while (wait(&status) > 0)
		failed += status != 0;
	for (int i = 0; i < writers; i++)
		sum += counts[i];
	printf("%.0f\n", (double)sum / (now() - start));
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
