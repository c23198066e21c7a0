/* rounds.c - looking at envelopes, one after another. */
#include "smtpd/rounds.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/log.h"
#include "common/server.h"
#include "smtpd/envelope.h"
#include "smtpd/notes.h"
#include "smtpd/verdict.h"

enum {
	HURRY_AGAIN = 5, /* seconds after mda came back */
	BUSY_WAIT = 1,   /* seconds until a locked envelope is looked at */
	RESCAN = 3600,   /* seconds */
	RESCAN_MIN = 5,  /* seconds between two, however often asked for */
	UNFINISHED_AGE = 3600, /* seconds, see queue_clean() */
	APPENDED_MAX = 40,     /* lines, beside one a recipient, then rewrite */
	TURN = 64,             /* envelopes looked at in a round */
};

static void
hold(struct rounds *r, struct queue_entry *entry)
{
	entry->held = true;
	if (queue_update(r->queue, entry) == -1) {
		schedule_add(&r->schedule, entry->id, time(NULL) + RESCAN,
		    false);
		return;
	}
	log_event(LOG_WARN, "held",
	    "%s failed=%zu what=\"given up; kept for the operator\"",
	    envelope_log(entry), queue_count(entry, RCPT_FAILED));
}

/* ENTRY is ours, locked.  Returns what a delivery worker shall do with it. */
static enum task
handle(struct rounds *r, struct queue_entry *entry)
{
	const struct patience patience = {
		.lifetime = r->config->queue_lifetime,
		.notice = r->config->queue_delay_notice,
	};
	int lines = APPENDED_MAX + 2 * (int)entry->recipient_count;

	switch (verdict_on(entry, &patience, time(NULL))) {
	case VERDICT_REMOVE:
		log_event(LOG_INFO, "removed", "id=%s", entry->id);
		if (queue_remove(r->queue, entry->id) == 0)
			schedule_forget(&r->schedule, entry->id);
		break;
	case VERDICT_HOLD:
		hold(r, entry);
		break;
	case VERDICT_KEEP:
		break;
	case VERDICT_WAIT:
		if (entry->appended > lines)
			(void)queue_update(r->queue, entry);
		schedule_add(&r->schedule, entry->id,
		    verdict_until(entry, &patience), false);
		break;
	case VERDICT_DELIVER:
		return TASK_DELIVER;
	case VERDICT_REPORT:
		/* It may be we who have given somebody up just now. */
		if (queue_update(r->queue, entry) == 0)
			return TASK_REPORT;
		schedule_add(&r->schedule, entry->id, time(NULL) + RESCAN,
		    false);
		break;
	}
	return TASK_NONE;
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
static void
forget_deleted(struct rounds *r, const char *id)
{
	if (schedule_find(&r->schedule, id) == NULL)
		return;
	log_event(LOG_INFO, "deleted", "id=%s what=\"by the operator\"", id);
	schedule_forget(&r->schedule, id);
}

/* ID.env was not to be had, with errno. */
static void
look_later(struct rounds *r, const char *id, bool hurried)
{
	if (errno == EWOULDBLOCK) {
		schedule_add(&r->schedule, id, time(NULL) + BUSY_WAIT, hurried);
	} else if (errno == ENOENT) {
		forget_deleted(r, id);
	} else if (errno == EBADMSG) {
		log_event(LOG_ERROR, "unreadable",
		    "id=%s what=\"the envelope is not complete; left alone\"",
		    id);
	} else {
		schedule_add(&r->schedule, id,
		    time(NULL) + r->config->queue_retry_min, false);
	}
}

static void
look_at(struct rounds *r, const char *id, bool hurried)
{
	struct queue_entry entry;
	enum task task = TASK_NONE;
	int fd = queue_read(r->queue, id, true, &entry);

	if (hurried)
		entry.next = 0;
	if (fd != -1) {
		log_change(r, &entry);
		task = handle(r, &entry);
		schedule_note(&r->schedule, &entry);
		close(fd);
	} else {
		look_later(r, id, hurried);
	}
	queue_entry_clear(&entry);
	if (task != TASK_NONE && crew_start(&r->crew, id, task) == -1)
		schedule_add(&r->schedule, id, time(NULL) + BUSY_WAIT, false);
}

/* What is due, as long as there are slots. */
static void
look_at_some(struct rounds *r, int64_t now)
{
	for (int i = 0; i < TURN && crew_has_room(&r->crew); i++) {
		struct schedule_item *first = schedule_first(&r->schedule);
		char id[QUEUE_ID_SIZE];

		if (first == NULL || first->due > now)
			return;
		/* The item may be forgotten before all is done. */
		memcpy(id, first->id, sizeof(id));
		schedule_step_out(&r->schedule, first);
		look_at(r, id, first->hurried);
	}
}

static void
learn(struct rounds *r, const char *id)
{
	struct queue_entry entry;
	int rc = queue_read(r->queue, id, false, &entry);

	if (rc == -1 && errno == ENOENT) {
		forget_deleted(r, id);
	} else {
		if (rc == -1) {
			/* Of what cannot be read there is nothing to know. */
			queue_entry_clear(&entry);
			queue_entry_init(&entry, id,
			    &(struct queue_origin){ 0 });
		}
		schedule_note(&r->schedule, &entry);
	}
	queue_entry_clear(&entry);
}

/* At the start all of it is tried: whatever was wrong may be over. */
static int
note_envelope(void *arg, const char *id)
{
	struct rounds *r = arg;

	if (!crew_is_on(&r->crew, id))
		schedule_add(&r->schedule, id, time(NULL), r->next_scan == 0);
	return 0;
}

static void
scan(struct rounds *r)
{
	const struct schedule_item *item;
	size_t at = 0;

	/* Also those whose files are gone, to forget them. */
	while ((item = schedule_next(&r->schedule, &at)) != NULL)
		(void)note_envelope(r, item->id);
	queue_take_all(r->queue);
	queue_clean(r->queue, UNFINISHED_AGE);
	queue_spool_clean(r->queue, UNFINISHED_AGE);
	(void)queue_scan(r->queue, note_envelope, r);
	r->last_scan = time(NULL);
	r->next_scan = r->last_scan + RESCAN;
}

/* A moment for mda to listen, then everything is tried. */
static void
hurry(struct rounds *r)
{
	(void)schedule_hurry(&r->schedule, time(NULL) + BUSY_WAIT);
	crew_again(&r->crew);
}

static void
end_delivery(void *arg, const struct crew_member *member, bool good)
{
	struct rounds *r = arg;
	const char *id = member->id;

	if (good && member->again)
		schedule_add(&r->schedule, id, time(NULL) + BUSY_WAIT, true);
	else if (good)
		look_at(r, id, false);
	else
		schedule_add(&r->schedule, id,
		    time(NULL) + r->config->queue_retry_min, false);
}

void
rounds_init(struct rounds *rounds, const struct config *config, int queue)
{
	*rounds = (struct rounds){ .config = config, .queue = queue };
	crew_init(&rounds->crew, config, queue);
}

void
rounds_learn(struct rounds *rounds)
{
	for (int i = 0; i < TURN && rounds->schedule.unread > 0; i++)
		learn(rounds, schedule_next_unread(&rounds->schedule)->id);
}

void
rounds_go(struct rounds *rounds)
{
	int64_t now = time(NULL);

	/* The clock was set back: as at the start. */
	if (!schedule_clock(&rounds->schedule, now))
		rounds->next_scan = 0;
	if (rounds->next_scan <= now)
		scan(rounds);
	if (rounds->hurry_again != 0 && rounds->hurry_again <= now) {
		rounds->hurry_again = 0;
		hurry(rounds);
	}
	look_at_some(rounds, now);
	rounds_learn(rounds);
	server_doing("%zu scheduled", rounds->schedule.line_count);
}

int
rounds_wait(const struct rounds *rounds)
{
	const struct schedule_item *first = schedule_first(&rounds->schedule);
	int64_t until = rounds->next_scan;

	if (rounds->schedule.unread > 0)
		return 0;
	if (first != NULL && first->due < until && crew_has_room(&rounds->crew))
		until = first->due;
	if (rounds->hurry_again != 0 && rounds->hurry_again < until)
		until = rounds->hurry_again;
	return schedule_wait(until, time(NULL));
}

void
rounds_take_in(struct rounds *rounds, const char *id)
{
	if (queue_take_in(rounds->queue, id) == 0 &&
	    !crew_is_on(&rounds->crew, id))
		schedule_add(&rounds->schedule, id, time(NULL), false);
}

void
rounds_hurry(struct rounds *rounds)
{
	hurry(rounds);
	rounds->hurry_again = time(NULL) + HURRY_AGAIN;
}

void
rounds_rescan(struct rounds *rounds, bool at_once)
{
	int64_t soon = at_once ? 1 : rounds->last_scan + RESCAN_MIN;

	if (rounds->next_scan > soon)
		rounds->next_scan = soon;
}

void
rounds_reap(struct rounds *rounds)
{
	crew_reap(&rounds->crew, end_delivery, rounds);
}
