/*
 * deliver.c - the copies of one message, one after another or many at once.
 *
 * A few have two flushes each (maildir.h's commit).  A copy for each of a class
 * of 300 would be 600 of them; many are written first, then their file system
 * is flushed once for all of the round and once more when they are linked.
 * Measured for 100 mailboxes on ext4: 735 ms became 78.
 */
#include "mda/deliver.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "common/mem.h"
#include "maildir/maildir_batch.h"
#include "mda/arriving.h"
#include "mda/copy.h"
#include "mda/mailboxes.h"
#include "mda/parcel.h"

enum {
	MANY = 8,   /* from here on together */
	ROUND = 16, /* mailboxes, and a folder of each: they stay open */
};
static_assert(2 * ROUND < MAILBOXES_OPEN, "a mailbox of the round is closed");

void
deliver_prepare(struct arrival *arrival)
{
	arrival->lines -= arriving_drop_return_paths(&arrival->parcel->head);
}

struct reply
deliver_copy(const struct arrival *arrival, const struct mailbox *mailbox,
    const char *original)
{
	struct copy copy;

	copy_begin(&copy, arrival, mailbox, original);
	copy_commit(&copy);
	copy_answer(&copy);
	copy_end(&copy);
	return copy.reply;
}

static dev_t
device_of(const struct copy *copy)
{
	struct stat st;

	return fstat(mailboxes_maildir(copy->box)->new, &st) == 0 ? st.st_dev
								  : 0;
}

/* Copies of one round, those that are flushed together marked. */
struct round {
	struct copy copies[ROUND];
	bool batched[ROUND];
	struct maildir_batch *batch;
	dev_t device; /* 0: the batch is not open yet */
};

/*
 * The first copy goes by itself: its disk is the one to flush, and has to be
 * watched for errors before the next draft is written.
 */
static void
begin_in_round(struct round *round, size_t i)
{
	struct copy *copy = &round->copies[i];
	const struct maildir *maildir;

	if (!reply_is_ok(&copy->reply))
		return;
	maildir = mailboxes_maildir(copy->box);
	if (round->device != 0 && device_of(copy) == round->device) {
		maildir_batch_add(round->batch, maildir, &copy->draft, true,
		    copy->name);
		round->batched[i] = true;
		return;
	}
	copy_commit(copy);
	if (round->device == 0 && reply_is_ok(&copy->reply) &&
	    maildir_batch_open(round->batch, mailboxes_maildir(copy->box)) == 0)
		round->device = device_of(copy);
}

/* They failed together, perhaps because of one of them: each by itself. */
static void
deliver_alone(struct round *round, const struct arrival *arrival,
    const struct target *targets, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct copy *copy = &round->copies[i];

		if (!round->batched[i])
			continue;
		copy_fail(copy);
		copy_end(copy);
		copy_begin(copy, arrival, targets[i].mailbox,
		    targets[i].original);
		copy_commit(copy);
	}
}

static void
deliver_round(const struct arrival *arrival, struct target *targets,
    size_t count)
{
	struct round *round = xcalloc(1, sizeof(*round));

	round->batch = maildir_batch_new();
	for (size_t i = 0; i < count; i++) {
		copy_begin(&round->copies[i], arrival, targets[i].mailbox,
		    targets[i].original);
		begin_in_round(round, i);
	}
	if (maildir_batch_flush(round->batch) == -1)
		deliver_alone(round, arrival, targets, count);
	maildir_batch_free(round->batch);
	for (size_t i = 0; i < count; i++) {
		targets[i].reply = round->copies[i].reply;
		copy_answer(&round->copies[i]);
	}
	for (size_t i = 0; i < count; i++)
		copy_end(&round->copies[i]);
	free(round);
}

void
deliver_copies(const struct arrival *arrival, struct target *targets,
    size_t count)
{
	for (size_t i = 0; i < count && count < MANY; i++)
		targets[i].reply = deliver_copy(arrival, targets[i].mailbox,
		    targets[i].original);
	for (size_t i = 0; i < count && count >= MANY; i += ROUND)
		deliver_round(arrival, targets + i,
		    count - i < ROUND ? count - i : ROUND);
}
