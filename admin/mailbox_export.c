/* mailbox_export.c - postlab mailbox export: a mailbox as one mbox file. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "admin/admin.h"
#include "admin/mailbox_copy.h"
#include "admin/output.h"
#include "common/log.h"

struct export
{
	FILE *to;
	struct progress progress;
};

static int
export_one(void *arg, const struct mailbox *mailbox)
{
	struct export *export = arg;
	struct maildir maildir;
	int rc;

	if (access(mailbox->folder, F_OK) == -1 && errno == ENOENT)
		return EX_OK; /* nothing was ever delivered */
	if (maildir_look(AT_FDCWD, mailbox->folder, &maildir) == -1)
		return EX_IOERR;
	rc = mailbox_write(export->to, &maildir, &export->progress);
	progress_end(&export->progress);
	maildir_close(&maildir);
	return rc == 0 ? EX_OK : EX_IOERR;
}

/* ADDRESS, and --mbox FILE before or behind it. */
static bool
read_arguments(int argc, char **argv, const char **address, const char **file)
{
	*address = NULL;
	*file = "-";
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--mbox") == 0 && i + 1 < argc)
			*file = argv[++i];
		else if (*address == NULL && argv[i][0] != '-')
			*address = argv[i];
		else
			return false;
	}
	return *address != NULL && strcmp(*address, "all") != 0;
}

int
mailbox_export(int argc, char **argv)
{
	struct export export = { .progress = { .what = "written" } };
	struct output output;
	const char *address;
	const char *file;
	int status;

	if (!read_arguments(argc, argv, &address, &file))
		return EX_USAGE;
	status = output_open(file, &output);
	if (status != EX_OK)
		return status;
	export.to = fdopen(fcntl(output.fd, F_DUPFD_CLOEXEC, 0), "w");
	if (export.to == NULL)
		return output_close(&output, EX_OSERR);
	status = mailbox_each(address, export_one, &export);
	if (fclose(export.to) == EOF && status == EX_OK)
		status = admin_error(EX_IOERR, "%s: %s", log_safe(file),
		    strerror(errno));
	status = output_close(&output, status);
	if (status == EX_OK)
		fprintf(stderr, "postlab: %lld messages written\n",
		    (long long)export.progress.messages);
	return status;
}
