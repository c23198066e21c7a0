/* lane.c - windows, and sleep. */
#include "smtpd/lane.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/log.h"

enum { FIRST_WINDOW = 2, SECOND = 1000 };

static int
compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

struct lane *
lanes_use(struct lanes *lanes, const char *name)
{
	struct lane **found = tfind(name, &lanes->tree, compare);
	struct lane *lane = found == NULL ? NULL : *found;

	if (lane == NULL) {
		lane = xcalloc(1, sizeof(*lane));
		(void)copy_string(lane->name, sizeof(lane->name), name);
		lane->window = FIRST_WINDOW;
		lane->next = lanes->all;
		lanes->all = lane;
		lanes->count++;
		if (tsearch(lane, &lanes->tree, compare) == NULL)
			panic("out of memory");
	}
	lane->users++;
	return lane;
}

void
lanes_leave(struct lanes *lanes, struct lane *lane)
{
	enum { KEPT = 1000 /* lanes without users, but with what they know */ };

	lane->users--;
	if (lane->users == 0 && lanes->count > KEPT)
		lanes_tidy(lanes, lane_clock());
}

const struct reply *
lane_asleep(const struct lane *lane, int64_t now)
{
	return lane->asleep > now ? &lane->why : NULL;
}

bool
lane_has_room(const struct lane *lane, int free)
{
	return lane->busy < lane->window && lane->busy < free;
}

void
lane_begin(struct lane *lane)
{
	lane->busy++;
}

/* Others may be getting through: then there are only too many of us. */
bool
lane_end(const struct lanes *lanes, struct lane *lane, const struct reply *why,
    int64_t now)
{
	lane->busy--;
	if (why == NULL) {
		lane->asleep = 0;
		if (lane->window < lanes->limit)
			lane->window++;
		return false;
	}
	if (lane->busy > 0 && lane->asleep == 0) {
		lane->window = lane->busy;
		return false;
	}
	lane->window = 1;
	lane->asleep = now + lanes->nap;
	lane->why = *why;
	return true;
}

void
lanes_wake(struct lanes *lanes)
{
	for (struct lane *lane = lanes->all; lane != NULL; lane = lane->next)
		lane->asleep = 0;
}

static void
drop(struct lanes *lanes, struct lane **place)
{
	struct lane *lane = *place;

	*place = lane->next;
	(void)tdelete(lane, &lanes->tree, compare);
	free(lane);
	lanes->count--;
}

void
lanes_tidy(struct lanes *lanes, int64_t now)
{
	struct lane **place = &lanes->all;

	while (*place != NULL) {
		struct lane *lane = *place;

		if (lane->users == 0 && lane_asleep(lane, now) == NULL)
			drop(lanes, place);
		else
			place = &lane->next;
	}
}

void
lanes_clear(struct lanes *lanes)
{
	while (lanes->all != NULL)
		drop(lanes, &lanes->all);
}

int64_t
lane_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * SECOND + now.tv_nsec / 1000000;
}
