/* rounds_look.c - what one envelope needs, and what is begun about it. */
#include "smtpd/rounds_look.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/log.h"
#include "smtpd/envelope.h"
#include "smtpd/notes.h"
#include "smtpd/plan.h"
#include "smtpd/verdict.h"

enum {
	RESCAN = 3600 * SECOND, /* disks that are full may be less so */
	APPENDED_MAX = 40, /* lines, beside one a recipient, then rewrite */
};

void
rounds_look_in(struct rounds *r, const char *id, int64_t wait)
{
	(void)schedule_add(&r->schedule, id, schedule_now() + wait, false);
}

static void
hold(struct rounds *r, struct queue_entry *entry)
{
	entry->held = true;
	if (queue_update(r->queue, entry) == -1) {
		rounds_look_in(r, entry->id, RESCAN);
		return;
	}
	log_event(LOG_WARN, "held",
	    "%s failed=%zu what=\"given up; kept for the operator\"",
	    envelope_log(entry), queue_count(entry, RCPT_FAILED));
}

static void
wait_on(struct rounds *r, struct queue_entry *entry)
{
	int lines = APPENDED_MAX + 2 * (int)entry->recipient_count;

	if (entry->appended > lines)
		(void)queue_update(r->queue, entry);
	(void)schedule_add(&r->schedule, entry->id,
	    verdict_until(entry, &r->patience) * SECOND, false);
}

void
rounds_close_errand(struct rounds *r, struct schedule_item *item)
{
	turns_close(&r->turns, item->errand);
	item->errand = NULL;
}

static void
forget(struct rounds *r, struct schedule_item *item)
{
	rounds_close_errand(r, item);
	schedule_forget(&r->schedule, item->id);
}

void
rounds_remove(struct rounds *r, struct schedule_item *item)
{
	log_event(LOG_INFO, "removed", "id=%s", item->id);
	if (queue_remove(r->queue, item->id) == 0)
		forget(r, item);
	else
		rounds_close_errand(r, item);
}

/*
 * The errand of ITEM goes on to where it was not yet, or is over, which makes
 * an attempt.  ENTRY is ours, locked by ENV_FD.  Whether all is seen to.
 */
static bool
go_on(struct rounds *r, struct schedule_item *item, struct queue_entry *entry,
    int env_fd)
{
	struct errand *errand = item->errand;
	bool again = errand->again;

	plan_skip_sleepers(&r->turns, r->config, errand, entry);
	if (errand->count > 0 && queue_settle(env_fd, entry) == 0) {
		turns_wait(&r->turns, errand);
		return true;
	}
	if (!errand->is_report) {
		queue_put_off(entry, &r->patience);
		(void)queue_postpone(env_fd, entry);
	}
	rounds_close_errand(r, item);
	if (again)
		(void)schedule_add(&r->schedule, item->id,
		    schedule_now() + SOON, true);
	return again;
}

/*
 * ENTRY is ours, locked by ENV_FD; ITEM has no errand.  Whether it has one now:
 * else all is seen to.
 */
static bool
judge(struct rounds *r, struct schedule_item *item, struct queue_entry *entry,
    int env_fd)
{
	switch (verdict_on(entry, &r->patience, time(NULL))) {
	case VERDICT_REMOVE:
		rounds_remove(r, item);
		break;
	case VERDICT_HOLD:
		hold(r, entry);
		break;
	case VERDICT_KEEP:
		break;
	case VERDICT_WAIT:
		wait_on(r, entry);
		break;
	case VERDICT_DELIVER:
		item->errand = plan_delivery(&r->turns, r->config, entry);
		return true;
	case VERDICT_REPORT:
		/* It may be we who have given somebody up just now. */
		if (queue_settle(env_fd, entry) == -1) {
			rounds_look_in(r, entry->id, RESCAN);
			break;
		}
		item->errand = plan_report(&r->turns, entry);
		return true;
	}
	return false;
}

static bool
is_waiting(const struct queue_entry *entry)
{
	return !entry->held && !entry->withdrawn &&
	    queue_count(entry, RCPT_PENDING) > 0;
}

/* ENTRY is ours, locked by ENV_FD: what it needs is begun, or goes on. */
static void
handle(struct rounds *r, struct schedule_item *item, struct queue_entry *entry,
    int env_fd)
{
	if (item->errand != NULL && !is_waiting(entry))
		rounds_close_errand(r, item);
	while (item->errand != NULL || judge(r, item, entry, env_fd))
		if (go_on(r, item, entry, env_fd))
			return;
}

/* The operator has written into the envelope: the log has to tell. */
static void
log_change(const struct rounds *r, const struct queue_entry *entry)
{
	const struct schedule_item *item =
	    schedule_find(&r->schedule, entry->id);

	if (item != NULL && item->notes != NULL &&
	    notes_are_held(item->notes) != entry->held)
		log_event(LOG_INFO, entry->held ? "held" : "released",
		    "%s what=\"by the operator\"", envelope_log(entry));
}

/* Nobody else removes what the manager knows of. */
void
rounds_forget_deleted(struct rounds *r, struct schedule_item *item)
{
	log_event(LOG_INFO, "deleted", "id=%s what=\"by the operator\"",
	    item->id);
	forget(r, item);
}

/*
 * Whose lock somebody has is looked at soon: a session is about to say its 250,
 * or to hear of mda.  Later and later, up to a second.
 */
static void
look_soon(struct rounds *r, struct schedule_item *item)
{
	enum { DOUBLINGS = 9 };
	int64_t wait = item->busy < DOUBLINGS ? 2 << item->busy : SOON;

	item->busy++;
	(void)schedule_add(&r->schedule, item->id, schedule_now() + wait,
	    item->hurried);
}

/* ITEM's envelope was not to be had, with errno. */
static void
look_later(struct rounds *r, struct schedule_item *item)
{
	if (errno == EWOULDBLOCK) {
		look_soon(r, item);
	} else if (errno == ENOENT) {
		rounds_forget_deleted(r, item);
	} else if (errno == EBADMSG) {
		rounds_close_errand(r, item);
		log_event(LOG_ERROR, "unreadable",
		    "id=%s what=\"the envelope is not complete; left alone\"",
		    item->id);
	} else {
		rounds_look_in(r, item->id,
		    (int64_t)r->patience.retry_min * SECOND);
	}
}

/* ITEM is in no line. */
void
rounds_look_at(struct rounds *r, struct schedule_item *item)
{
	struct queue_entry entry;
	int fd = queue_read(r->queue, item->id, true, &entry);

	if (fd == -1) {
		look_later(r, item);
	} else {
		item->busy = 0;
		if (item->hurried)
			entry.next = 0;
		log_change(r, &entry);
		handle(r, item, &entry, fd);
		schedule_note(&r->schedule, &entry);
		close(fd);
	}
	queue_entry_clear(&entry);
}
