/* fetch_store.c - as mda delivers: durable first, then the index. */
#include "mua/fetch_store.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "common/buf.h"
#include "maildir/index.h"

int
fetch_store_open(struct fetch_store *store, const char *path)
{
	*store = (struct fetch_store){ .draft = { .fd = -1 } };
	if (maildir_open(AT_FDCWD, path, true, &store->maildir) == -1)
		return -1;
	store->is_open = true;
	maildir_clean_tmp(&store->maildir);
	store->index = index_open(&store->maildir);
	return 0;
}

void
fetch_store_close(struct fetch_store *store)
{
	if (!store->is_open)
		return;
	store->is_open = false;
	fetch_store_abandon(store);
	index_close(store->index);
	store->index = NULL;
	maildir_close(&store->maildir);
}

static int
fail(struct fetch_store *store)
{
	if (store->error == 0)
		store->error = errno == 0 ? EIO : errno;
	return -1;
}

static int
take(void *arg, const char *data, size_t size)
{
	struct fetch_store *store = arg;

	return write_all(store->draft.fd, data, size) == -1 ? fail(store) : 0;
}

int
fetch_store_begin(struct fetch_store *store, struct pop3_text *text)
{
	if (maildir_draft(&store->maildir, &store->draft) == -1) {
		store->draft.fd = -1;
		return fail(store);
	}
	pop3_text_init(text, take, store);
	return 0;
}

int
fetch_store_commit(struct fetch_store *store, const struct pop3_text *text)
{
	static const struct delivery unknown = { .sender = "",
		.recipient = "",
		.helo = "",
		.peer = "",
		.login = "",
		.protocol = "",
		.tls = "",
		.queue_id = "" };
	char name[MAILDIR_NAME_MAX + 1];
	int fd = fcntl(store->draft.fd, F_DUPFD_CLOEXEC, 0);
	int rc = maildir_commit(&store->maildir, &store->draft, text->size,
	    text->size + text->lines, name);

	store->draft.fd = -1;
	if (rc == -1)
		fail(store);
	else if (fd != -1 && store->index != NULL)
		(void)index_add(store->index, name, fd, &unknown);
	if (fd != -1)
		close(fd);
	return rc;
}

void
fetch_store_abandon(struct fetch_store *store)
{
	if (store->draft.fd != -1)
		maildir_abandon(&store->maildir, &store->draft);
	store->draft.fd = -1;
}
