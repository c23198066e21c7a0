/* rounds.c - who is looked at when, and who is sent out. */
#include "smtpd/rounds.h"

#include <assert.h>
#include <errno.h>

#include "common/log.h"
#include "common/server.h"
#include "smtpd/rounds_look.h"

enum {
	HURRY_AGAIN = 5 * SECOND, /* after mda came back */
	RESCAN = 3600 * SECOND,
	RESCAN_MIN = 5 * SECOND, /* between two, however often asked for */
	UNFINISHED_AGE = 3600,   /* seconds, see queue_clean() */
	TURN = 64,               /* envelopes looked at in a round */
	FEW = 4,                 /* while enough of them wait for workers */
};

/* What is due. */
static void
look_at_some(struct rounds *r, int64_t now)
{
	int turn = r->turns.waiting > r->crew.size ? FEW : TURN;

	for (int i = 0; i < turn; i++) {
		struct schedule_item *first = schedule_first(&r->schedule);

		if (first == NULL || first->due > now)
			return;
		schedule_step_out(&r->schedule, first);
		/* A worker has it: it is looked at when he has ended. */
		if (first->errand != NULL && first->errand->at_work)
			continue;
		/* Something has happened to it while it was in line. */
		if (first->errand != NULL && first->errand->strand != NULL)
			rounds_close_errand(r, first);
		rounds_look_at(r, first);
	}
}

/* The worker whose message it was is busy with another meanwhile. */
static void
remove_over(struct rounds *r)
{
	while (r->over != NULL) {
		struct errand *errand = r->over;

		r->over = errand->next;
		rounds_remove(r, schedule_find(&r->schedule, errand->id));
	}
}

/* To as many workers as there are. */
static void
send_out(struct rounds *r)
{
	struct errand *errand;

	while ((errand = turns_begin(&r->turns, crew_free(&r->crew))) != NULL) {
		if (crew_send(&r->crew, errand) == 0)
			continue;
		turns_undo(&r->turns, errand);
		return;
	}
}

static void
learn(struct rounds *r, struct schedule_item *item)
{
	struct queue_entry entry;
	int rc = queue_read(r->queue, item->id, false, &entry);

	if (rc == -1 && errno == ENOENT) {
		rounds_forget_deleted(r, item);
	} else {
		if (rc == -1) {
			/* Of what cannot be read there is nothing to know. */
			queue_entry_clear(&entry);
			queue_entry_init(&entry, item->id,
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
	const struct schedule_item *item = schedule_find(&r->schedule, id);

	if (item == NULL || item->errand == NULL)
		(void)schedule_add(&r->schedule, id, schedule_now(),
		    r->next_scan == 0);
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
	if (r->next_scan == 0)
		lanes_wake(&r->turns.lanes);
	queue_take_all(r->queue);
	queue_clean(r->queue, UNFINISHED_AGE);
	queue_spool_clean(r->queue, UNFINISHED_AGE);
	(void)queue_scan(r->queue, note_envelope, r);
	r->last_scan = schedule_now();
	r->next_scan = r->last_scan + RESCAN;
}

/* A moment for mda to listen, then everything is tried. */
static void
hurry(struct rounds *r)
{
	lanes_wake(&r->turns.lanes);
	(void)schedule_hurry(&r->schedule, schedule_now() + SOON);
	crew_again(&r->crew);
}

/* Who waits for LANE, which sleeps now, is looked at: it may have others. */
static void
put_to_sleep(struct rounds *r, const struct lane *lane)
{
	struct errand *errand;

	log_event(LOG_WARN, "suspended", "destination=%s seconds=%d reply=%s",
	    log_safe(lane->name), r->turns.lanes.nap / SECOND,
	    log_safe(lane->why.text));
	while ((errand = turns_take_out(&r->turns, lane)) != NULL)
		rounds_look_in(r, errand->id, 0);
}

static void
end_errand(void *arg, struct errand *errand, enum crew_end end,
    const struct reply *why)
{
	struct rounds *r = arg;
	struct schedule_item *item = schedule_find(&r->schedule, errand->id);
	const struct lane *lane = errand->lanes[0];

	assert(item != NULL);
	if (end == CREW_UNBEGUN) {
		turns_undo(&r->turns, errand);
		return;
	}
	if (turns_end(&r->turns, errand, why))
		put_to_sleep(r, lane);
	schedule_step_out(&r->schedule, item);
	item->hurried = false;
	if (end == CREW_OVER && errand->count == 0) {
		errand->next = r->over;
		r->over = errand;
	} else if (end == CREW_FAILED) {
		rounds_close_errand(r, item);
		rounds_look_in(r, item->id,
		    (int64_t)r->patience.retry_min * SECOND);
	} else if (errand->count > 0 &&
	    lane_asleep(errand->lanes[0], lane_clock()) == NULL) {
		turns_wait(&r->turns, errand);
	} else {
		rounds_look_at(r, item);
	}
}

void
rounds_init(struct rounds *rounds, const struct config *config, int queue)
{
	*rounds = (struct rounds){
		.config = config,
		.patience = patience_of(config),
		.queue = queue,
	};
	rounds->turns.lanes.limit = config->queue_per_destination;
	/* Over when the first who was put off comes again. */
	rounds->turns.lanes.nap = rounds->patience.retry_min * SECOND / 4 * 3;
	crew_init(&rounds->crew, config, queue);
}

void
rounds_learn(struct rounds *rounds)
{
	for (int i = 0; i < TURN && rounds->schedule.unread > 0; i++)
		learn(rounds, schedule_next_unread(&rounds->schedule));
}

void
rounds_go(struct rounds *rounds)
{
	int64_t now = schedule_now();

	/* The clock was set back: as at the start. */
	if (!schedule_clock(&rounds->schedule, now))
		rounds->next_scan = 0;
	if (rounds->next_scan <= now)
		scan(rounds);
	if (rounds->hurry_again != 0 && rounds->hurry_again <= now) {
		rounds->hurry_again = 0;
		hurry(rounds);
	}
	send_out(rounds);
	remove_over(rounds);
	look_at_some(rounds, now);
	send_out(rounds);
	rounds_learn(rounds);
	server_doing("%zu scheduled, %zu due", rounds->schedule.line_count,
	    rounds->turns.waiting);
}

int
rounds_wait(const struct rounds *rounds)
{
	const struct schedule_item *first = schedule_first(&rounds->schedule);
	int64_t now = schedule_now();
	int64_t until = rounds->next_scan;

	if (rounds->schedule.unread > 0)
		return 0;
	if (first != NULL && first->due < until)
		until = first->due;
	if (rounds->hurry_again != 0 && rounds->hurry_again < until)
		until = rounds->hurry_again;
	/* A worker could not be had. */
	if (now + SOON < until &&
	    turns_is_ready(&rounds->turns, crew_free(&rounds->crew)))
		until = now + SOON;
	return schedule_wait(until, now);
}

void
rounds_take_in(struct rounds *rounds, const char *id)
{
	const struct schedule_item *item;

	if (queue_take_in(rounds->queue, id) == -1)
		return;
	item = schedule_find(&rounds->schedule, id);
	if (item == NULL || item->errand == NULL)
		rounds_look_in(rounds, id, 0);
}

void
rounds_hurry(struct rounds *rounds)
{
	hurry(rounds);
	rounds->hurry_again = schedule_now() + HURRY_AGAIN;
}

void
rounds_rescan(struct rounds *rounds, bool at_once)
{
	int64_t soon = at_once ? 1 : rounds->last_scan + RESCAN_MIN;

	if (rounds->next_scan > soon)
		rounds->next_scan = soon;
}

struct crew_desk
rounds_desk(struct rounds *rounds)
{
	return (struct crew_desk){ .ended = end_errand, .arg = rounds };
}
