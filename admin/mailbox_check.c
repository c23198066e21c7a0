/*
 * mailbox_check.c - postlab mailbox check and reindex.
 *
 * A line a finding: the mailbox, note or odd, the kind, the file, a sentence.
 * Then a line for the mailbox.  What is noted mends itself; only what is odd
 * makes the exit status other than 0.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "admin/admin.h"
#include "admin/mailbox.h"
#include "common/buf.h"
#include "maildir/index_repair.h"

/* The examination of one mailbox. */
struct report {
	const struct mailbox *mailbox;
	struct progress progress;
	int notes;
	int odd;
};

static void
print_finding(void *arg, enum survey_weight weight, const char *kind,
    const char *where, const char *what)
{
	struct report *report = arg;
	bool odd = weight == SURVEY_ODD;
	struct buf line = BUF_INIT;

	buf_printf(&line, "%s\t%s\t%s\t", report->mailbox->login,
	    odd ? "odd" : "note", kind);
	admin_field(&line, where);
	buf_addchar(&line, '\t');
	admin_field(&line, what);
	puts(line.data);
	buf_clear(&line);
	if (odd)
		report->odd++;
	else
		report->notes++;
}

static void
count_message(void *arg, int64_t octets)
{
	struct report *report = arg;

	progress_add(&report->progress, octets);
}

static int
check_maildir(struct report *report)
{
	const struct survey_ear ear = { report, print_finding, count_message };
	struct maildir maildir;
	int rc;

	if (maildir_look(AT_FDCWD, report->mailbox->folder, &maildir) == -1) {
		print_finding(report, SURVEY_ODD, "no-folder", "",
		    "it is no Maildir");
		return 0;
	}
	rc = survey_maildir(&maildir, &ear);
	progress_end(&report->progress);
	index_check(&maildir, &ear);
	maildir_close(&maildir);
	return rc;
}

static int
check_one(void *arg, const struct mailbox *mailbox)
{
	struct report report = { .mailbox = mailbox,
		.progress = { .what = "read" } };
	struct stat st;

	(void)arg;
	if (lstat(mailbox->folder, &st) == -1 && errno == ENOENT)
		print_finding(&report, SURVEY_NOTE, "no-folder", "",
		    "it has no Maildir; the next delivery makes it");
	else if (check_maildir(&report) == -1)
		return EX_IOERR;
	printf("%s\tchecked\t%lld messages, %lld octets, %d odd, %d notes\n",
	    mailbox->login, (long long)report.progress.messages,
	    (long long)report.progress.octets, report.odd, report.notes);
	return report.odd == 0 ? EX_OK : EX_DATAERR;
}

int
mailbox_check(int argc, char **argv)
{
	(void)argc;
	return mailbox_each(argv[1], check_one, NULL);
}

static int
count_entry(void *arg, const struct index_entry *entry)
{
	(void)entry;
	++*(long *)arg;
	return 0;
}

static int
reindex_one(void *arg, const struct mailbox *mailbox)
{
	struct maildir maildir;
	struct index *index = NULL;
	long count = 0;
	int status = EX_TEMPFAIL;

	(void)arg;
	if (access(mailbox->folder, F_OK) == -1 && errno == ENOENT) {
		printf("%s\tnothing to do\tit has no Maildir yet\n",
		    mailbox->login);
		return EX_OK;
	}
	if (maildir_open(AT_FDCWD, mailbox->folder, false, &maildir) == -1)
		return EX_IOERR;
	if (index_rebuild(&maildir) == 0)
		index = index_open(&maildir);
	if (index != NULL && index_list_sizes(index, count_entry, &count) == 0)
		status = EX_OK;
	index_close(index);
	maildir_close(&maildir);
	if (status == EX_OK)
		printf("%s\treindexed\t%ld messages\n", mailbox->login, count);
	else
		admin_error(status, "%s: the index could not be made anew now",
		    mailbox->login);
	return status;
}

int
mailbox_reindex(int argc, char **argv)
{
	(void)argc;
	return mailbox_each(argv[1], reindex_one, NULL);
}
