/*
 * mailbox_store.c - the messages of an mbox, stored in a Maildir.
 *
 * A message keeps the base of its name, which is its identity, when the mbox
 * says it; else it gets one made of date and content.  So whoever imports the
 * same again finds all of it there.  Where another message has the base, the
 * new one gets the made one: nothing is replaced and nothing is lost.
 */
#include <errno.h>
#include <fcntl.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "admin/admin.h"
#include "admin/mailbox_copy.h"
#include "common/buf.h"
#include "common/log.h"
#include "maildir/index.h"
#include "maildir/maildir_batch.h"
#include "maildir/maildir_name.h"
#include "maildir/name_set.h"

enum { HASH_SIZE = 32, HASH_SHOWN = 16, PIECE = 65536 };

/* A folder that messages go to. */
struct target {
	struct target *next;
	char name[MBOX_FOLDER_MAX + 1]; /* "" is the mailbox itself */
	struct maildir maildir;
	struct name_set known; /* messages in it */
	struct name_set made;  /* names made in this run */
};

/* A run: what was written is counted when it was flushed. */
struct run {
	struct mbox *mbox;
	struct target *first; /* the mailbox */
	struct maildir_batch *batch;
	int64_t octets; /* that wait in the batch */
	bool failed;    /* a batch could not be stored */
	struct progress *progress;
	struct import_tally *tally;
};

/* One message on its way. */
struct storing {
	struct run *run;
	struct target *target;
	struct mbox_message message;
	struct maildir_draft draft;
	struct buf piece;
	gnutls_hash_hd_t hash;
	unsigned char sum[HASH_SIZE];
	int64_t size;
	int64_t wire;
	char name[MAILDIR_NAME_MAX + 1];
};

static int
flush(struct storing *storing)
{
	int rc = write_all(storing->draft.fd, storing->piece.data,
	    storing->piece.size);

	buf_reset(&storing->piece);
	return rc == 0 ? 0 : log_errno("write a message");
}

/* A sink: hashes and writes. */
static int
take(void *arg, const char *data, size_t size)
{
	struct storing *storing = arg;

	gnutls_hash(storing->hash, data, size);
	buf_add(&storing->piece, data, size);
	storing->size += (int64_t)size;
	return storing->piece.size < PIECE ? 0 : flush(storing);
}

static gnutls_hash_hd_t
start_hash(void)
{
	gnutls_hash_hd_t hash;

	if (gnutls_hash_init(&hash, GNUTLS_DIG_SHA256) != 0)
		panic("cannot compute SHA-256");
	return hash;
}

/* Whether the message NAME of the target has the same bytes. */
static bool
is_same(const struct storing *storing, const char *name, bool in_new)
{
	int fd = maildir_open_message(&storing->target->maildir, in_new, name);
	gnutls_hash_hd_t hash;
	unsigned char sum[HASH_SIZE];
	char piece[PIECE];
	ssize_t n;

	if (fd == -1)
		return false;
	hash = start_hash();
	while ((n = read(fd, piece, sizeof(piece))) > 0)
		gnutls_hash(hash, piece, (size_t)n);
	gnutls_hash_deinit(hash, sum);
	close(fd);
	return n == 0 && memcmp(sum, storing->sum, sizeof(sum)) == 0;
}

/* A base of date and content; two that are alike are told apart by number. */
static void
make_base(struct storing *storing, char base[MAILDIR_NAME_MAX + 1])
{
	char hex[2 * HASH_SHOWN + 1];
	int number = 0;

	for (size_t i = 0; i < HASH_SHOWN; i++)
		snprintf(hex + 2 * i, 3, "%02x", storing->sum[i]);
	do
		snprintf(base, MAILDIR_NAME_MAX + 1, "%lld.H%sN%d.mbox",
		    (long long)storing->message.date, hex, number++);
	while (!name_set_add(&storing->target->made, true, base));
}

/* BASE with sizes and flags.  False when that is too long for a name. */
static bool
complete_name(struct storing *storing, const char *base, size_t size)
{
	const struct mbox_message *message = &storing->message;
	char flags[MAILDIR_FLAGS_MAX + 1] = "";
	char sized[2 * MAILDIR_NAME_MAX];
	int n = snprintf(sized, sizeof(sized), "%.*s,S=%lld,W=%lld", (int)size,
	    base, (long long)storing->size, (long long)storing->wire);

	if (n > MAILDIR_NAME_MAX)
		return false;
	if (!message->old)
		return copy_string(storing->name, sizeof(storing->name), sized);
	memcpy(flags, message->flags, sizeof(flags));
	return maildir_name_flagged(sized, flags, storing->name);
}

/* What is in the batch becomes durable, and counts.  0, or -1. */
static int
flush_batch(struct run *run)
{
	int64_t count = (int64_t)maildir_batch_count(run->batch);

	if (maildir_batch_flush(run->batch) == -1)
		run->failed = true;
	if (run->failed)
		return -1;
	run->tally->stored += count;
	run->tally->octets += run->octets;
	run->octets = 0;
	return 0;
}

/* Whether the message FOUND, which has its name, is the same. */
static bool
is_there(struct storing *storing, const char *found, bool in_new)
{
	struct run *run = storing->run;

	if (maildir_batch_has(run->batch, &storing->target->maildir, found) &&
	    flush_batch(run) == -1)
		return false;
	return is_same(storing, found, in_new);
}

/*
 * Gives it a name that is free.  False: it is there already.
 */
static bool
choose_name(struct storing *storing)
{
	const struct target *target = storing->target;
	const char *given = storing->message.name;
	char base[MAILDIR_NAME_MAX + 1];
	struct maildir_name parsed;
	const char *found;
	bool in_new;

	if (given[0] != '\0') {
		maildir_parse_name(given, &parsed);
		found = name_set_find(&target->known, given, &in_new);
		if (found != NULL && is_there(storing, found, in_new))
			return false;
		if (found == NULL && complete_name(storing, given, parsed.base))
			return true;
	}
	make_base(storing, base);
	found = name_set_find(&target->known, base, &in_new);
	return found == NULL && complete_name(storing, base, strlen(base));
}

/* Flags that the letters of Status do not tell. */
static void
add_flags_of_name(struct mbox_message *message)
{
	struct maildir_name name;
	size_t n = strlen(message->flags);

	maildir_parse_name(message->name, &name);
	for (const char *flag = name.flags; *flag != '\0'; flag++)
		if (strchr("SRFTD", *flag) == NULL && n < MAILDIR_FLAGS_MAX)
			message->flags[n++] = *flag;
	message->flags[n] = '\0';
}

/* The draft is written: a name, its time, the batch.  0, or -1. */
static int
commit(struct storing *storing)
{
	struct run *run = storing->run;
	struct target *target = storing->target;
	struct timespec times[2] = { { .tv_nsec = UTIME_OMIT },
		{ .tv_sec = (time_t)storing->message.date } };

	storing->wire = maildir_wire_size(storing->draft.fd);
	if (storing->wire == -1)
		return log_errno("read tmp/%s", storing->draft.name);
	if (!choose_name(storing)) {
		run->tally->known++;
		return 0;
	}
	if (futimens(storing->draft.fd, times) == -1)
		return log_errno("set the time of tmp/%s", storing->draft.name);
	maildir_batch_add(run->batch, &target->maildir, &storing->draft,
	    !storing->message.old, storing->name);
	name_set_add(&target->known, !storing->message.old, storing->name);
	run->octets += storing->size;
	return maildir_batch_is_full(run->batch) ? flush_batch(run) : 0;
}

/* The folder a message goes to, made when it is missing. */
static struct target *
find_target(struct target *first, const char *folder)
{
	struct target *target = first;
	struct stat st;

	do {
		if (strcmp(target->name, folder) == 0)
			return target;
		target = target->next;
	} while (target != NULL);
	if (fstatat(first->maildir.root, folder, &st, AT_SYMLINK_NOFOLLOW) ==
		0 &&
	    !S_ISDIR(st.st_mode)) {
		admin_error(EX_CANTCREAT, "%s is no folder", log_safe(folder));
		return NULL;
	}
	target = xcalloc(1, sizeof(*target));
	(void)copy_string(target->name, sizeof(target->name), folder);
	if (maildir_open(first->maildir.root, folder, true, &target->maildir) ==
		-1 ||
	    name_set_load(&target->known, &target->maildir) == -1) {
		maildir_close(&target->maildir);
		free(target);
		return NULL;
	}
	target->next = first->next;
	first->next = target;
	return target;
}

/*
 * Moves the draft of a message that belongs to a subfolder there, before its
 * name is chosen: it is written to the tmp/ of the mailbox, since its place is
 * known only when it has been read.
 */
static int
move_draft(struct storing *storing, struct target *first)
{
	struct target *target = find_target(first, storing->message.folder);

	if (target == NULL)
		return -1;
	if (target != first &&
	    renameat(first->maildir.tmp, storing->draft.name,
		target->maildir.tmp, storing->draft.name) == -1)
		return log_errno("move tmp/%s", storing->draft.name);
	storing->target = target;
	return 0;
}

/* Reads one message and stores it. */
static enum mbox_result
store_next(struct run *run)
{
	struct storing storing = { .run = run,
		.target = run->first,
		.piece = BUF_INIT };
	enum mbox_result result;

	if (maildir_draft(&run->first->maildir, &storing.draft) == -1)
		return MBOX_TROUBLE;
	storing.hash = start_hash();
	result = mbox_read(run->mbox, take, &storing, &storing.message);
	gnutls_hash_deinit(storing.hash, storing.sum);
	if (result == MBOX_MESSAGE) {
		add_flags_of_name(&storing.message);
		if (flush(&storing) == -1 ||
		    move_draft(&storing, run->first) == -1 ||
		    commit(&storing) == -1)
			result = MBOX_TROUBLE;
		if (run->failed)
			result = MBOX_TROUBLE;
		progress_add(run->progress, storing.size);
	}
	maildir_abandon(&storing.target->maildir, &storing.draft);
	buf_clear(&storing.piece);
	return result;
}

/* All of them.  What was read before trouble is stored all the same. */
static enum mbox_result
store_all(struct run *run)
{
	enum mbox_result result = MBOX_MESSAGE;

	if (maildir_batch_open(run->batch, &run->first->maildir) == -1)
		return MBOX_TROUBLE;
	while (result == MBOX_MESSAGE)
		result = store_next(run);
	return flush_batch(run) == -1 ? MBOX_TROUBLE : result;
}

static void
clear_targets(struct target *first)
{
	struct target *next;

	name_set_clear(&first->known);
	name_set_clear(&first->made);
	for (struct target *target = first->next; target != NULL;
	     target = next) {
		next = target->next;
		maildir_close(&target->maildir);
		name_set_clear(&target->known);
		name_set_clear(&target->made);
		free(target);
	}
}

int
mailbox_store(FILE *from, enum mbox_form form, const struct maildir *root,
    struct progress *progress, struct import_tally *tally_out)
{
	struct target first = { .maildir = *root };
	struct run run = {
		.mbox = mbox_new(from, form),
		.first = &first,
		.batch = maildir_batch_new(),
		.progress = progress,
		.tally = tally_out,
	};
	enum mbox_result result = MBOX_TROUBLE;

	*tally_out = (struct import_tally){ 0 };
	if (name_set_load(&first.known, root) == 0)
		result = store_all(&run);
	maildir_batch_free(run.batch);
	mbox_free(run.mbox);
	clear_targets(&first);
	if (result == MBOX_NONE)
		return admin_error(EX_DATAERR,
		    "that is no mbox: it does not begin with "
		    "\"From sender date\"");
	return result == MBOX_END ? EX_OK : EX_IOERR;
}
