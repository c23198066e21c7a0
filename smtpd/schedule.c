/*
 * schedule.c - a table by id and a binary heap by time.
 *
 * The table is open addressing with linear probing; who leaves it, those behind
 * move up for, so there are no graves.  The hash is multiply-shift with a
 * random factor: ids are random, but a worker that was taken over can choose
 * them, and a table of collisions would hold up everybody's mail.
 */
#include "smtpd/schedule.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "common/log.h"
#include "smtpd/notes.h"

enum { FIRST_SIZE = 64, HEX = 16, WORD_BITS = 64 };

static size_t
slot_of(const struct schedule *s, const char *id)
{
	uint64_t number = strtoull(id, NULL, HEX);
	int bits = __builtin_ctzll(s->table_size);

	return (size_t)((number * s->key) >> (WORD_BITS - bits));
}

/* Where ID is, or the free slot where it belongs. */
static size_t
find_slot(const struct schedule *s, const char *id)
{
	size_t slot = slot_of(s, id);

	while (s->table[slot] != NULL && strcmp(s->table[slot]->id, id) != 0)
		slot = (slot + 1) & (s->table_size - 1);
	return slot;
}

/* Twice as large; the first time it is made, with its key. */
static void
grow_table(struct schedule *s)
{
	struct schedule_item **old = s->table;
	size_t old_size = s->table_size;

	if (s->key == 0 && getrandom(&s->key, sizeof(s->key), 0) == -1)
		panic("getrandom: %s", strerror(errno));
	s->key |= 1;
	s->table_size = old_size == 0 ? FIRST_SIZE : 2 * old_size;
	s->table = xcalloc(s->table_size, sizeof(struct schedule_item *));
	for (size_t i = 0; i < old_size; i++)
		if (old[i] != NULL)
			s->table[find_slot(s, old[i]->id)] = old[i];
	free(old);
}

struct schedule_item *
schedule_find(const struct schedule *schedule, const char *id)
{
	return schedule->count == 0 ? NULL
				    : schedule->table[find_slot(schedule, id)];
}

static struct schedule_item *
make_item(struct schedule *s, const char *id)
{
	struct schedule_item *item = xcalloc(1, sizeof(*item));

	/* At most half full. */
	if (2 * (s->count + 1) > s->table_size)
		grow_table(s);
	if (!copy_string(item->id, sizeof(item->id), id))
		panic("no queue id: %s", id);
	s->table[find_slot(s, id)] = item;
	s->count++;
	s->unread++;
	return item;
}

/* Empties SLOT and moves up who stands behind only because it was taken. */
static void
empty_slot(struct schedule *s, size_t slot)
{
	size_t mask = s->table_size - 1;
	size_t i = slot;

	s->table[slot] = NULL;
	while (s->table[i = (i + 1) & mask] != NULL) {
		size_t home = slot_of(s, s->table[i]->id);

		/* It stays when its home lies behind the gap. */
		if (((i - home) & mask) < ((i - slot) & mask))
			continue;
		s->table[slot] = s->table[i];
		s->table[i] = NULL;
		slot = i;
	}
}

static void
put(struct schedule *s, size_t place, struct schedule_item *item)
{
	s->line[place - 1] = item;
	item->place = place;
}

/* Lets ITEM, for which PLACE is free, find its place towards the top. */
static void
rise(struct schedule *s, size_t place, struct schedule_item *item)
{
	for (; place > 1 && item->due < s->line[place / 2 - 1]->due; place /= 2)
		put(s, place, s->line[place / 2 - 1]);
	put(s, place, item);
}

/* The same away from it. */
static void
sink(struct schedule *s, size_t place, struct schedule_item *item)
{
	for (;;) {
		size_t child = 2 * place;

		if (child < s->line_count &&
		    s->line[child]->due < s->line[child - 1]->due)
			child++;
		if (child > s->line_count ||
		    s->line[child - 1]->due >= item->due)
			break;
		put(s, place, s->line[child - 1]);
		place = child;
	}
	put(s, place, item);
}

struct schedule_item *
schedule_add(struct schedule *schedule, const char *id, int64_t due,
    bool hurried)
{
	struct schedule_item *item = schedule_find(schedule, id);

	if (item == NULL)
		item = make_item(schedule, id);
	if (item->place != 0) {
		item->hurried = item->hurried || hurried;
		if (due < item->due) {
			item->due = due;
			rise(schedule, item->place, item);
		}
		return item;
	}
	item->due = due;
	item->hurried = hurried;
	if (schedule->line_count == schedule->line_room) {
		schedule->line_room = schedule->line_room == 0
		    ? FIRST_SIZE
		    : 2 * schedule->line_room;
		schedule->line = xrealloc(schedule->line,
		    schedule->line_room * sizeof(struct schedule_item *));
	}
	rise(schedule, ++schedule->line_count, item);
	return item;
}

struct schedule_item *
schedule_first(const struct schedule *schedule)
{
	return schedule->line_count == 0 ? NULL : schedule->line[0];
}

void
schedule_step_out(struct schedule *schedule, struct schedule_item *item)
{
	size_t place = item->place;
	struct schedule_item *last;

	if (place == 0)
		return;
	item->place = 0;
	last = schedule->line[--schedule->line_count];
	if (last == item)
		return;
	if (place > 1 && last->due < schedule->line[place / 2 - 1]->due)
		rise(schedule, place, last);
	else
		sink(schedule, place, last);
}

void
schedule_note(struct schedule *schedule, const struct queue_entry *entry)
{
	struct schedule_item *item = schedule_find(schedule, entry->id);

	if (item == NULL)
		return;
	if (item->notes == NULL)
		schedule->unread--;
	free(item->notes);
	item->notes = notes_new(entry);
}

static void
free_item(struct schedule_item *item)
{
	free(item->notes);
	free(item);
}

void
schedule_forget(struct schedule *schedule, const char *id)
{
	struct schedule_item *item = schedule_find(schedule, id);

	if (item == NULL)
		return;
	schedule_step_out(schedule, item);
	empty_slot(schedule, find_slot(schedule, id));
	schedule->count--;
	schedule->unread -= item->notes == NULL;
	free_item(item);
}

struct schedule_item *
schedule_next(const struct schedule *schedule, size_t *at)
{
	while (*at < schedule->table_size) {
		struct schedule_item *item = schedule->table[(*at)++];

		if (item != NULL)
			return item;
	}
	return NULL;
}

struct schedule_item *
schedule_next_unread(struct schedule *schedule)
{
	struct schedule_item *item;

	if (schedule->unread == 0)
		return NULL;
	/* Round and round: the table may change between two calls. */
	do {
		item = schedule_next(schedule, &schedule->cursor);
		if (item == NULL)
			schedule->cursor = 0;
	} while (item == NULL || item->notes != NULL);
	return item;
}

int64_t
schedule_now(void)
{
	struct timespec now;

	/* The clock that time() reads: of two clocks one may be behind. */
	clock_gettime(CLOCK_REALTIME_COARSE, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int
schedule_wait(int64_t until, int64_t now)
{
	enum { HOUR = 3600 * 1000 };

	if (until <= now)
		return 0;
	return until - now < HOUR ? (int)(until - now) : HOUR;
}

bool
schedule_clock(struct schedule *schedule, int64_t now)
{
	bool forward = now >= schedule->clock;

	schedule->clock = now;
	return forward;
}

size_t
schedule_hurry(struct schedule *schedule, int64_t due)
{
	/* All times being equal, any order is a heap. */
	for (size_t i = 0; i < schedule->line_count; i++) {
		schedule->line[i]->due = due;
		schedule->line[i]->hurried = true;
	}
	return schedule->line_count;
}

void
schedule_clear(struct schedule *schedule)
{
	for (size_t i = 0; i < schedule->table_size; i++)
		if (schedule->table[i] != NULL)
			free_item(schedule->table[i]);
	free(schedule->table);
	free(schedule->line);
	*schedule = (struct schedule){ .clock = schedule->clock };
}
