/*
 * external_editor.c - a file for the editor, and the terminal.
 *
 * The shell gets the editor's command line as its user wrote it, and the name
 * of the file as an argument; of a letter there is nothing in either.
 */
#include "mua/external_editor.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "maildir/message.h"

enum { TEXT_MAX = 64 << 20, STATUS_NO_SHELL = 127 };

/* vim and others know by its ending that this is mail. */
static const char file_name[] = "letter.eml";

const char *
external_editor(void)
{
	static const char *const names[] = { "VISUAL", "EDITOR" };

	for (size_t i = 0; i < COUNT(names); i++) {
		const char *value = getenv(names[i]);

		if (value != NULL && *value != '\0')
			return value;
	}
	return NULL;
}

/* A new folder with the file in it; its path, NULL with errno. */
static char *
make_file(const struct buf *text)
{
	const char *tmp = getenv("TMPDIR");
	char *folder = xasprintf("%s/mua-XXXXXX",
	    tmp == NULL || *tmp == '\0' ? "/tmp" : tmp);
	char *path;
	int fd;

	if (mkdtemp(folder) == NULL) {
		free(folder);
		return NULL;
	}
	path = xasprintf("%s/%s", folder, file_name);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd == -1 || write_all(fd, text->data, text->size) == -1) {
		int saved = errno;

		if (fd != -1)
			close(fd);
		(void)unlink(path);
		(void)rmdir(folder);
		free(path);
		path = NULL;
		errno = saved;
	} else {
		close(fd);
	}
	free(folder);
	return path;
}

/* The file, whatever else the editor has left beside it, and the folder. */
static void
remove_file(char *path)
{
	DIR *folder;
	const struct dirent *entry;

	*strrchr(path, '/') = '\0';
	folder = opendir(path);
	while (folder != NULL && (entry = readdir(folder)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			(void)unlinkat(dirfd(folder), entry->d_name, 0);
	if (folder != NULL)
		closedir(folder);
	(void)rmdir(path);
}

_Noreturn static void
become_editor(const char *editor, const char *path)
{
	char *command = xasprintf("%s \"$@\"", editor);
	sigset_t none;

	signal(SIGINT, SIG_DFL);
	signal(SIGQUIT, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execl("/bin/sh", "sh", "-c", command, editor, path, (char *)NULL);
	_exit(STATUS_NO_SHELL);
}

/* Runs it and waits.  The status of waitpid(), -1 when it cannot be started. */
static int
run(const char *editor, const char *path)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct sigaction interrupt;
	struct sigaction quit;
	int status = -1;
	pid_t pid;

	/* Ctrl-C on the terminal is the editor's now. */
	sigaction(SIGINT, &ignore, &interrupt);
	sigaction(SIGQUIT, &ignore, &quit);
	pid = fork();
	if (pid == 0)
		become_editor(editor, path);
	while (pid != -1 && waitpid(pid, &status, 0) == -1 && errno == EINTR)
		;
	sigaction(SIGINT, &interrupt, NULL);
	sigaction(SIGQUIT, &quit, NULL);
	return status;
}

/* Takes the file's content; false when it cannot be read. */
static bool
read_back(const char *path, struct buf *text)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct buf raw = BUF_INIT;
	bool good = fd != -1 && buf_read(&raw, fd, TEXT_MAX) == 0;

	if (good) {
		buf_reset(text);
		text_repair(raw.data, raw.size, text);
	}
	if (fd != -1)
		close(fd);
	buf_clear(&raw);
	return good;
}

bool
external_editor_run(struct ui *ui, struct buf *text, char *why, size_t size)
{
	const char *editor = external_editor();
	char *path = make_file(text);
	bool good = false;
	int status;

	if (path == NULL) {
		(void)snprintf(why, size, "No file for the editor: %s",
		    strerror(errno));
		return false;
	}
	ui->terminal->suspend(ui->terminal);
	status = run(editor, path);
	ui->terminal->resume(ui->terminal);
	if (!read_back(path, text)) {
		(void)snprintf(why, size,
		    "What the editor wrote cannot be read; it is in %s", path);
		free(path);
		return false;
	}
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		(void)snprintf(why, size,
		    "The editor (%s) has failed; nothing is lost", editor);
	else
		good = true;
	remove_file(path);
	free(path);
	return good;
}
