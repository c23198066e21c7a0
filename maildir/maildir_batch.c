/*
 * maildir_batch.c - many messages committed to Maildirs with few flushes.
 *
 * syncfs() writes the data of all drafts with one commit of the file system's
 * journal, where as many fsync() would make one each: for 2,000 messages 0.7 s
 * and not 6.9 (measured).  It reports write errors of any file since its
 * descriptor was opened (Linux 5.8), so that is opened before the first draft
 * is written.
 *
 * Where that is not to be trusted (disk.h) each file has its fsync().
 */
#include "maildir/maildir_batch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/disk.h"
#include "common/log.h"
#include "common/mem.h"
#include "maildir/maildir_name.h"

enum { FEW_FOLDERS = 3, BATCH = 256, BATCH_OCTETS = 32 * 1024 * 1024 };

struct waiting {
	const struct maildir *maildir;
	bool in_new;
	bool linked;
	char draft[MAILDIR_NAME_MAX + 1];
	char name[MAILDIR_NAME_MAX + 1];
};

struct maildir_batch {
	struct waiting list[BATCH];
	size_t count;
	int64_t octets;
	bool broken; /* a draft could not be flushed or closed */
	int system;  /* a descriptor in the file system, or -1 */
	bool each;   /* its syncfs() is not enough */
};

struct maildir_batch *
maildir_batch_new(void)
{
	struct maildir_batch *batch = xcalloc(1, sizeof(*batch));

	batch->system = -1;
	return batch;
}

/* The names in tmp/ are not needed any more. */
static void
forget(struct maildir_batch *batch)
{
	for (size_t i = 0; i < batch->count; i++)
		unlinkat(batch->list[i].maildir->tmp, batch->list[i].draft, 0);
	batch->count = 0;
	batch->octets = 0;
	batch->broken = false;
}

void
maildir_batch_free(struct maildir_batch *batch)
{
	if (batch == NULL)
		return;
	forget(batch);
	if (batch->system != -1)
		close(batch->system);
	free(batch);
}

size_t
maildir_batch_count(const struct maildir_batch *batch)
{
	return batch->count;
}

bool
maildir_batch_is_full(const struct maildir_batch *batch)
{
	return batch->count == BATCH || batch->octets >= BATCH_OCTETS;
}

bool
maildir_batch_has(const struct maildir_batch *batch,
    const struct maildir *maildir, const char *name)
{
	for (size_t i = 0; i < batch->count; i++)
		if (batch->list[i].maildir == maildir &&
		    maildir_name_equal(batch->list[i].name, name))
			return true;
	return false;
}

int
maildir_batch_open(struct maildir_batch *batch, const struct maildir *maildir)
{
	if (batch->system == -1)
		batch->system = openat(maildir->root, ".",
		    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (batch->system == -1)
		return log_errno("open a Maildir");
	batch->each = !disk_is_flushed_whole(batch->system);
	return 0;
}

void
maildir_batch_add(struct maildir_batch *batch, const struct maildir *maildir,
    struct maildir_draft *draft, bool in_new, const char *name)
{
	struct waiting *waiting = &batch->list[batch->count];
	off_t size = lseek(draft->fd, 0, SEEK_END);

	if (maildir_batch_is_full(batch))
		panic("a batch of more than %d messages", BATCH);
	batch->count++;
	batch->octets += size > 0 ? size : 0;
	*waiting = (struct waiting){ .maildir = maildir, .in_new = in_new };
	(void)copy_string(waiting->draft, sizeof(waiting->draft), draft->name);
	(void)copy_string(waiting->name, sizeof(waiting->name), name);
	if (batch->each && fsync(draft->fd) == -1) {
		log_errno("sync tmp/%s", draft->name);
		batch->broken = true;
	}
	if (close(draft->fd) == -1) {
		log_errno("write tmp/%s", draft->name);
		batch->broken = true;
	}
	draft->fd = -1;
}

static int
folder_of(const struct waiting *waiting)
{
	return waiting->in_new ? waiting->maildir->new : waiting->maildir->cur;
}

static int
link_all(struct maildir_batch *batch)
{
	for (size_t i = 0; i < batch->count; i++) {
		struct waiting *waiting = &batch->list[i];

		if (linkat(waiting->maildir->tmp, waiting->draft,
			folder_of(waiting), waiting->name, 0) == -1)
			return log_errno("link %s", log_safe(waiting->name));
		waiting->linked = true;
	}
	return 0;
}

/* None of them counts: nobody shall find what was not said to be stored. */
static void
unlink_all(const struct maildir_batch *batch)
{
	int saved = errno;

	for (size_t i = 0; i < batch->count; i++)
		if (batch->list[i].linked)
			unlinkat(folder_of(&batch->list[i]),
			    batch->list[i].name, 0);
	errno = saved;
}

/* Whether an earlier one is in the same folder. */
static bool
shares_folder(const struct maildir_batch *batch, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (folder_of(&batch->list[j]) == folder_of(&batch->list[i]))
			return true;
	return false;
}

/* Each folder once, or all of the disk when they are many. */
static int
sync_folders(const struct maildir_batch *batch)
{
	size_t folders = 0;

	for (size_t i = 0; i < batch->count; i++)
		folders += !shares_folder(batch, i);
	if (folders > FEW_FOLDERS && !batch->each)
		return syncfs(batch->system) == 0
		    ? 0
		    : log_errno("sync the Maildir folders");
	for (size_t i = 0; i < batch->count; i++)
		if (!shares_folder(batch, i) &&
		    fsync(folder_of(&batch->list[i])) == -1)
			return log_errno("sync a Maildir folder");
	return 0;
}

int
maildir_batch_flush(struct maildir_batch *batch)
{
	int rc = -1;

	if (batch->count == 0)
		return 0;
	if (!batch->broken && syncfs(batch->system) == -1)
		log_errno("sync the drafts");
	/* The commit point: what is linked is whole, and stays from then on. */
	else if (!batch->broken && link_all(batch) == 0)
		rc = sync_folders(batch);
	if (rc == -1)
		unlink_all(batch);
	forget(batch);
	return rc;
}
