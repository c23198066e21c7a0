/*
 * mailbox_import.c - postlab mailbox import: an mbox, or a Maildir, into a
 * mailbox.
 *
 * What is read may belong to root or to anybody, what is written belongs to the
 * account of the daemons.  So the file is opened before root is left, and a
 * Maildir is read by a process that stays root and hands it over as an mbox:
 * there is one way in.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "admin/admin.h"
#include "admin/mailbox_copy.h"
#include "common/log.h"
#include "maildir/index.h"

struct import {
	FILE *from;
	enum mbox_form form;
	pid_t reader; /* of a Maildir; -1 without */
	struct progress progress;
};

struct arguments {
	const char *address;
	const char *path;
	enum mbox_form form;
};

static bool
read_arguments(int argc, char **argv, struct arguments *arguments_out)
{
	*arguments_out = (struct arguments){ .form = MBOX_RD };
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--mboxo") == 0)
			arguments_out->form = MBOX_O;
		else if (strcmp(argv[i], "--mboxcl") == 0)
			arguments_out->form = MBOX_CL;
		else if (argv[i][0] == '-' || arguments_out->path != NULL)
			return false;
		else if (arguments_out->address == NULL)
			arguments_out->address = argv[i];
		else
			arguments_out->path = argv[i];
	}
	return arguments_out->path != NULL &&
	    strcmp(arguments_out->address, "all") != 0;
}

/* The process that reads the Maildir AT and writes it to FD. */
_Noreturn static void
read_maildir(int at, int fd)
{
	struct progress progress = { .next = INT64_MAX };
	struct maildir maildir;
	FILE *to = fdopen(fd, "w");

	signal(SIGPIPE, SIG_IGN);
	if (to == NULL || maildir_look(at, ".", &maildir) == -1 ||
	    mailbox_write(to, &maildir, &progress) == -1)
		_exit(EX_IOERR);
	_exit(EX_OK);
}

static int
open_maildir(struct import *import, int at)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) == -1)
		return -1;
	import->reader = fork();
	if (import->reader == 0) {
		close(ends[0]);
		read_maildir(at, ends[1]);
	}
	close(ends[1]);
	import->from = fdopen(ends[0], "r");
	import->form = MBOX_RD;
	return import->reader == -1 || import->from == NULL ? -1 : 0;
}

/* An exit status. */
static int
open_source(struct import *import, const struct arguments *arguments)
{
	const int flags = O_RDONLY | O_NONBLOCK | O_CLOEXEC;
	int fd = open(arguments->path, flags);
	struct stat st;
	int rc = -1;

	import->form = arguments->form;
	if (fd == -1 || fstat(fd, &st) == -1)
		return admin_error(EX_NOINPUT, "%s: %s",
		    log_safe(arguments->path), strerror(errno));
	if (S_ISDIR(st.st_mode)) {
		rc = open_maildir(import, fd);
		close(fd);
	} else if (S_ISREG(st.st_mode)) {
		import->progress.total = st.st_size;
		import->from = fdopen(fd, "r");
		rc = import->from == NULL ? -1 : 0;
	} else {
		close(fd);
		return admin_error(EX_NOINPUT,
		    "%s is neither a file nor a folder",
		    log_safe(arguments->path));
	}
	return rc == 0 ? EX_OK : EX_OSERR;
}

/* A quota stops deliveries, not the operator; but he should know. */
static void
look_at_quota(const struct mailbox *mailbox, const struct maildir *maildir)
{
	int64_t octets = maildir_octets(maildir);

	if (mailbox->quota > 0 && octets > mailbox->quota)
		fprintf(stderr,
		    "postlab: %s holds %lld octets, more than its quota of "
		    "%lld: no more mail is delivered to it\n",
		    mailbox->login, (long long)octets,
		    (long long)mailbox->quota);
}

static void
sync_index(const struct maildir *maildir)
{
	struct index *index = index_open(maildir);

	if (index != NULL)
		(void)index_sync(index, maildir);
	index_close(index);
}

static int
import_one(void *arg, const struct mailbox *mailbox)
{
	struct import *import = arg;
	struct import_tally tally;
	struct maildir maildir;
	int result;
	int status;

	if (maildir_open(AT_FDCWD, mailbox->folder, true, &maildir) == -1)
		return EX_CANTCREAT;
	status = mailbox_store(import->from, import->form, &maildir,
	    &import->progress, &tally);
	progress_end(&import->progress);
	if (import->reader != -1 &&
	    (waitpid(import->reader, &result, 0) == -1 || !WIFEXITED(result) ||
		WEXITSTATUS(result) != EX_OK))
		status = admin_error(EX_IOERR,
		    "the Maildir could not be read to its end");
	import->reader = -1;
	sync_index(&maildir);
	look_at_quota(mailbox, &maildir);
	maildir_close(&maildir);
	printf("%s\timported\t%lld messages, %lld were there already\n",
	    mailbox->login, (long long)tally.stored, (long long)tally.known);
	return status;
}

int
mailbox_import(int argc, char **argv)
{
	struct import import = { .reader = -1, .progress = { .what = "read" } };
	struct arguments arguments;
	int status;

	if (!read_arguments(argc, argv, &arguments))
		return EX_USAGE;
	status = open_source(&import, &arguments);
	if (status == EX_OK)
		status = mailbox_each(arguments.address, import_one, &import);
	if (import.from != NULL)
		fclose(import.from);
	if (import.reader > 0)
		waitpid(import.reader, NULL, 0);
	return status;
}
