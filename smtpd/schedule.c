/* schedule.c - a binary heap by time. */
#include "smtpd/schedule.h"

#include <stdlib.h>
#include <string.h>

static void
swap(struct schedule_item *a, struct schedule_item *b)
{
	struct schedule_item old = *a;

	*a = *b;
	*b = old;
}

void
schedule_add(struct schedule *schedule, const char *id, int64_t due,
    bool hurried)
{
	struct schedule_item *items;
	size_t i = schedule->count++;

	if (schedule->count > schedule->room) {
		schedule->room = schedule->room == 0 ? 64 : 2 * schedule->room;
		schedule->items = xrealloc(schedule->items,
		    schedule->room * sizeof(*schedule->items));
	}
	items = schedule->items;
	items[i] = (struct schedule_item){ .due = due, .hurried = hurried };
	(void)copy_string(items[i].id, sizeof(items[i].id), id);
	for (; i > 0 && items[i].due < items[(i - 1) / 2].due; i = (i - 1) / 2)
		swap(&items[i], &items[(i - 1) / 2]);
}

const struct schedule_item *
schedule_first(const struct schedule *schedule)
{
	return schedule->count == 0 ? NULL : &schedule->items[0];
}

void
schedule_drop_first(struct schedule *schedule)
{
	struct schedule_item *items = schedule->items;
	size_t n = --schedule->count;
	size_t i = 0;

	items[0] = items[n];
	for (;;) {
		size_t least = i;

		for (size_t child = 2 * i + 1; child <= 2 * i + 2; child++)
			if (child < n && items[child].due < items[least].due)
				least = child;
		if (least == i)
			return;
		swap(&items[i], &items[least]);
		i = least;
	}
}

bool
schedule_has(const struct schedule *schedule, const char *id)
{
	for (size_t i = 0; i < schedule->count; i++)
		if (strcmp(schedule->items[i].id, id) == 0)
			return true;
	return false;
}

int
schedule_wait(int64_t until, int64_t now)
{
	enum { HOUR = 3600, SECOND = 1000 };

	if (until <= now)
		return 0;
	return until - now < HOUR ? (int)(until - now) * SECOND : HOUR * SECOND;
}

bool
schedule_clock(struct schedule *schedule, int64_t now)
{
	bool forward = now >= schedule->clock;

	schedule->clock = now;
	return forward;
}

void
schedule_hurry(struct schedule *schedule, int64_t due)
{
	/* All times being equal, any order is a heap. */
	for (size_t i = 0; i < schedule->count; i++) {
		schedule->items[i].due = due;
		schedule->items[i].hurried = true;
	}
}

void
schedule_clear(struct schedule *schedule)
{
	free(schedule->items);
	*schedule = (struct schedule){ .clock = schedule->clock };
}
