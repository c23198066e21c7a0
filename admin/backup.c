/*
 * backup.c - postlab backup, verify, restore: all mail and all that belongs to
 * it, or some mailboxes, in one file and back.
 */
#include "admin/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "admin/admin.h"
#include "admin/mailbox.h"
#include "admin/output.h"
#include "common/log.h"

static const char in_words[] =
    "\n"
    "A backup of the Postlab mail system, made by postlab backup.  It holds\n"
    "secrets.  The files have the names they have in its state folder; mail/\n"
    "are Maildirs, a file a message; *.sqlite are SQLite 3 databases.\n"
    "\n"
    "  postlab verify FILE            is it whole?\n"
    "  postlab restore FILE --into DIR\n"
    "\n"
    "Without Postlab: tar xf FILE && sha256sum -c MANIFEST\n";

/* Asks for the name of the file, where a folder was given. */
static char *
choose_path(const char *path)
{
	struct stat st;
	struct tm tm;
	char moment[32];
	time_t now = time(NULL);

	if (stat(path, &st) == -1 || !S_ISDIR(st.st_mode) ||
	    gmtime_r(&now, &tm) == NULL)
		return xstrdup(path);
	strftime(moment, sizeof(moment), "%Y%m%dT%H%M%SZ", &tm);
	return xasprintf("%s/postlab-%s.tar", path, moment);
}

static void
describe(const struct config *config, int count, char **addresses,
    struct buf *about)
{
	char moment[32] = "";
	struct tm tm;
	time_t now = time(NULL);

	if (gmtime_r(&now, &tm) != NULL)
		strftime(moment, sizeof(moment), "%Y-%m-%dT%H:%M:%SZ", &tm);
	buf_printf(about, "kind: %s\ndomain: %s\ntaken: %s\n",
	    count == 0 ? "all" : "mailboxes", config->domain, moment);
	for (int i = 0; i < count; i++) {
		buf_addstr(about, "mailbox: ");
		admin_field(about, addresses[i]);
		buf_addchar(about, '\n');
	}
	buf_addstr(about, in_words);
}

static int
add_mailbox(void *arg, const struct mailbox *mailbox)
{
	return backup_mailbox(arg, mailbox->folder) == 0 ? EX_OK : EX_IOERR;
}

/* An exit status. */
static int
take(struct backup *backup, int fd, int count, char **addresses)
{
	struct buf about = BUF_INIT;
	int status = EX_OK;

	describe(admin_enter(), count, addresses, &about);
	if (backup_begin(backup, fd, about.data) == -1)
		status = EX_IOERR;
	else if (count == 0)
		status = backup_state(backup) == 0 ? EX_OK : EX_IOERR;
	for (int i = 0; i < count && status == EX_OK; i++)
		status = mailbox_each(addresses[i], add_mailbox, backup);
	if (backup_end(backup, status == EX_OK ? 0 : -1) == -1 &&
	    status == EX_OK)
		status = EX_IOERR;
	buf_clear(&about);
	return status;
}

int
admin_backup(int argc, char **argv)
{
	struct backup backup;
	struct output output;
	char *path;
	int status;

	if (argc < 2 || (argv[1][0] == '-' && argv[1][1] != '\0'))
		return EX_USAGE;
	path = choose_path(argv[1]);
	status = output_open(path, &output);
	if (status == EX_OK) {
		status = take(&backup, output.fd, argc - 2, argv + 2);
		status = output_close(&output, status);
	}
	if (status == EX_OK && strcmp(path, "-") != 0)
		printf("%s\t%lld files, %lld octets\n", log_safe(path),
		    (long long)backup.files, (long long)backup.octets);
	free(path);
	return status;
}

/* Opens the operator's file and reads it through.  An exit status. */
static int
open_backup(const char *path, int *fd_out, struct backup_contents *contents)
{
	*contents = (struct backup_contents){ .about = BUF_INIT };
	*fd_out = open(path, O_RDONLY | O_CLOEXEC);
	if (*fd_out == -1)
		return admin_error(EX_NOINPUT, "%s: %s", log_safe(path),
		    strerror(errno));
	return backup_read(*fd_out, path, contents) == 0 ? EX_OK : EX_DATAERR;
}

static void
print_contents(const char *path, const struct backup_contents *contents)
{
	long long octets = 0;
	size_t messages = 0;

	for (size_t i = 0; i < contents->count; i++) {
		const char *file = contents->entries[i].path;

		octets += (long long)contents->entries[i].octets;
		messages += strncmp(file, "mail/", 5) == 0 &&
		    (strstr(file, "/new/") != NULL ||
			strstr(file, "/cur/") != NULL);
	}
	printf("%s\twhole\t%zu files, %lld octets, %zu messages\n",
	    log_safe(path), contents->count, octets, messages);
}

int
admin_verify(int argc, char **argv)
{
	struct backup_contents contents;
	int status;
	int fd;

	if (argc != 2 || argv[1][0] == '-')
		return EX_USAGE;
	status = open_backup(argv[1], &fd, &contents);
	if (status == EX_OK)
		print_contents(argv[1], &contents);
	backup_contents_clear(&contents);
	if (fd != -1)
		close(fd);
	return status;
}

/* Whether it holds more than mailboxes. */
static bool
is_of_all(const struct backup_contents *contents)
{
	return strstr(contents->about.data, "\nkind: all\n") != NULL;
}

int
admin_restore(int argc, char **argv)
{
	struct backup_contents contents;
	const char *dir = NULL;
	int status;
	int fd;

	if (argc > 3 && strcmp(argv[argc - 2], "--into") == 0) {
		dir = argv[argc - 1];
		argc -= 2;
		argv[argc] = NULL;
	}
	if (argc < 2)
		return EX_USAGE;
	for (int i = 1; i < argc; i++)
		if (argv[i][0] == '-')
			return EX_USAGE;
	status = open_backup(argv[1], &fd, &contents);
	/* All of it, and not beside something: to where it was. */
	if (dir == NULL && argc == 2 && is_of_all(&contents))
		dir = admin_dir();
	if (status == EX_OK)
		status = dir != NULL
		    ? restore_into(dir, fd, &contents, argv + 2)
		    : restore_mail(fd, &contents, argv + 2);
	backup_contents_clear(&contents);
	if (fd != -1)
		close(fd);
	return status;
}
