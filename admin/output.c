/*
 * output.c - a file that is there when it is whole, and not before.
 *
 * When we are killed, the namer reads the end of the pipe and no order, and
 * removes what there is.
 */
#include "admin/output.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "admin/admin.h"
#include "common/log.h"

/* Splits PATH and opens its folder. */
static int
open_folder(const char *path, const char **name_out)
{
	char *folder = xstrdup(path);
	char *slash = strrchr(folder, '/');
	int fd;

	*name_out = slash == NULL ? path : path + (slash + 1 - folder);
	if (slash == folder)
		slash++;
	if (slash != NULL)
		*slash = '\0';
	fd = open(slash == NULL ? "." : folder,
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(folder);
	return fd;
}

/* Not over what has come there meanwhile. */
static int
give_name(int folder, const char *from, const char *to, int fd)
{
	if (fsync(fd) == -1 ||
	    renameat2(folder, from, folder, to, RENAME_NOREPLACE) == -1 ||
	    fsync(folder) == -1)
		return admin_error(EX_CANTCREAT, "%s: %s", log_safe(to),
		    strerror(errno));
	return EX_OK;
}

/* The process that stays who it is. */
_Noreturn static void
wait_for_order(int folder, const char *name, int fd, int orders)
{
	char *draft = xasprintf("%s.new", name);
	char order = 0;
	int status = EX_OK;
	ssize_t n;

	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	do
		n = read(orders, &order, 1);
	while (n == -1 && errno == EINTR);
	if (n == 1)
		status = give_name(folder, draft, name, fd);
	if (n != 1 || status != EX_OK)
		unlinkat(folder, draft, 0);
	_exit(status);
}

static int
start_namer(int folder, const char *name, struct output *output)
{
	int orders[2];

	if (pipe2(orders, O_CLOEXEC) == -1)
		return log_errno("make a pipe");
	output->namer = fork();
	if (output->namer == 0) {
		close(orders[1]);
		wait_for_order(folder, name, output->fd, orders[0]);
	}
	close(orders[0]);
	output->tell = orders[1];
	return output->namer == -1 ? log_errno("fork") : 0;
}

int
output_open(const char *path, struct output *output_out)
{
	const char *name;
	char *draft;
	struct stat st;
	int folder;
	int status = EX_OK;

	*output_out = (struct output){ STDOUT_FILENO, -1, -1 };
	if (strcmp(path, "-") == 0)
		return EX_OK;
	folder = open_folder(path, &name);
	if (folder == -1)
		return admin_error(EX_CANTCREAT, "%s: %s", log_safe(path),
		    strerror(errno));
	draft = xasprintf("%s.new", name);
	if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		status = admin_error(EX_CANTCREAT,
		    "%s is there already; nothing was changed", log_safe(path));
	} else {
		output_out->fd = openat(folder, draft,
		    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (output_out->fd == -1)
			status = admin_error(EX_CANTCREAT, "%s.new: %s",
			    log_safe(path), strerror(errno));
		else if (start_namer(folder, name, output_out) == -1)
			status = EX_OSERR;
	}
	close(folder);
	free(draft);
	return status;
}

int
output_close(struct output *output, int status)
{
	int result = 0;

	if (output->namer == -1)
		return status;
	if (status == EX_OK && write(output->tell, "!", 1) != 1)
		status = EX_OSERR;
	close(output->tell);
	close(output->fd);
	if (waitpid(output->namer, &result, 0) == -1 || !WIFEXITED(result))
		return EX_OSERR;
	return status != EX_OK ? status : WEXITSTATUS(result);
}
