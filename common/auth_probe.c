/* auth_probe.c - a child loads SASL, and writes down what is missing. */
#include "common/auth_probe.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/auth_mechs.h"
#include "common/auth_policy.h"
#include "common/auth_sasl.h"
#include "common/buf.h"
#include "common/log.h"

enum { ANSWER_MAX = 1000 };

static void
list_missing(void *arg, const char *mechanism)
{
	if (!auth_mechs_available(mechanism))
		buf_printf(arg, "%s\n", mechanism);
}

/* In the child. */
_Noreturn static void
probe(int to)
{
	struct buf missing = BUF_INIT;

	if (auth_sasl_init(NULL) == -1)
		_exit(EXIT_FAILURE);
	auth_policy_known(list_missing, &missing);
	_exit(write_all(to, missing.data, missing.size) == 0 ? EXIT_SUCCESS
							     : EXIT_FAILURE);
}

/* Its answer; 0, or -1. */
static int
hear(pid_t child, int from, struct buf *answer)
{
	int rc = buf_read(answer, from, ANSWER_MAX);
	int status;

	while (waitpid(child, &status, 0) == -1)
		if (errno != EINTR)
			return log_errno("wait for the probe of SASL");
	if (rc == 0 && WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS)
		return 0;
	return log_failure("the probe of SASL failed");
}

void
auth_probe(void)
{
	struct buf missing = BUF_INIT;
	int ends[2];
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) == -1) {
		log_errno("make a pipe");
		return;
	}
	child = fork();
	if (child == 0)
		probe(ends[1]);
	close(ends[1]);
	if (child == -1)
		log_errno("fork");
	else if (hear(child, ends[0], &missing) == 0)
		for (char *word = strtok(missing.data, "\n"); word != NULL;
		     word = strtok(NULL, "\n"))
			auth_policy_lose(word);
	close(ends[0]);
	buf_clear(&missing);
}
