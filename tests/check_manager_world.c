/* check_manager_world.c - a process that runs the queue manager. */
#include "tests/check_manager_world.h"

#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "smtpd/manager.h"
#include "smtpd/queue_request.h"
#include "tests/check_smtpd_world.h"
#include "tests/suites.h"

pid_t manager_pid;
int manager_channel = -1;

void
manager_test_start(void)
{
	int ends[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	manager_pid = fork();
	if (manager_pid == 0) {
		/* As from a master: nothing else of ours is open. */
		(void)dup2(ends[0], STDERR_FILENO + 1);
		closefrom(STDERR_FILENO + 2);
		_exit(manager_run(&world_config, STDERR_FILENO + 1));
	}
	/* Here, for in the child it would tell Check as well, at any time. */
	ck_assert_int_ne(manager_pid, -1);
	close(ends[0]);
	manager_channel = ends[1];
}

void
manager_test_is_there(void)
{
	const struct timespec moment = { .tv_nsec = 50 * 1000 * 1000 };

	for (int i = 0; access(QUEUE_SOCKET, F_OK) == -1; i++) {
		ck_assert_int_lt(i, 600);
		nanosleep(&moment, NULL);
	}
}

void
manager_test_stop(void)
{
	int status;

	close(manager_channel);
	ck_assert_int_eq(waitpid(manager_pid, &status, 0), manager_pid);
	ck_assert_int_eq(status, 0);
}

/* In the order in which they move: each is seen once at least. */
static int
count_envelopes(void)
{
	int arriving = world_count("queue/incoming", ".env");

	return arriving + world_count("queue", ".env");
}

void
manager_test_await(int count)
{
	const struct timespec moment = { .tv_nsec = 50 * 1000 * 1000 };

	for (int i = 0; i < 2400; i++) {
		if (count_envelopes() == count &&
		    (count > 0 || world_count("queue", ".msg") == 0))
			return;
		nanosleep(&moment, NULL);
	}
	ck_abort_msg("%d envelopes are left, not %d", count_envelopes(), count);
}
