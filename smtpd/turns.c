/*
 * turns.c - a ring of senders, each with a ring of strands.
 *
 * Whose turn has come and who cannot begin is passed over and keeps his place.
 * A strand whose lane is full costs a look each time; there are no more of
 * these, a sender, than workers, since lanes that sleep have no strand.
 */
#include "smtpd/turns.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"

/* A sender's messages for one lane; strands of a party are a ring. */
struct strand {
	struct lane *lane;
	struct strand *next, *before;
	struct errand *first, *last;
};

/* Parties that have strands are a ring. */
struct party {
	char *name; /* first: parties are compared by it */
	struct party *next, *before;
	struct strand *cursor; /* whose turn it is; NULL: nobody waits */
	size_t users;          /* errands */
	int busy;              /* workers */
};

static int
compare(const void *a, const void *b)
{
	const struct party *one = a;
	const struct party *other = b;

	return strcmp(one->name, other->name);
}

static struct party *
use_party(struct turns *turns, const char *name)
{
	struct party wanted = { .name = xstrdup(name) };
	struct party **found = tfind(&wanted, &turns->tree, compare);
	struct party *party = found == NULL ? NULL : *found;

	if (party == NULL) {
		party = xcalloc(1, sizeof(*party));
		party->name = xstrdup(name);
		if (tsearch(party, &turns->tree, compare) == NULL)
			panic("out of memory");
	}
	party->users++;
	free(wanted.name);
	return party;
}

static void
leave_party(struct turns *turns, struct party *party)
{
	if (--party->users > 0)
		return;
	(void)tdelete(party, &turns->tree, compare);
	free(party->name);
	free(party);
}

/* Into the ring, as the last whose turn it is. */
static void
join_ring(struct turns *turns, struct party *party)
{
	if (turns->cursor == NULL) {
		turns->cursor = party->next = party->before = party;
		return;
	}
	party->next = turns->cursor;
	party->before = turns->cursor->before;
	party->before->next = party;
	party->next->before = party;
}

static void
leave_ring(struct turns *turns, struct party *party)
{
	if (turns->cursor == party)
		turns->cursor = party->next == party ? NULL : party->next;
	party->before->next = party->next;
	party->next->before = party->before;
}

static struct strand *
find_strand(const struct party *party, const struct lane *lane)
{
	struct strand *strand = party->cursor;

	if (strand == NULL)
		return NULL;
	do {
		if (strand->lane == lane)
			return strand;
		strand = strand->next;
	} while (strand != party->cursor);
	return NULL;
}

static struct strand *
make_strand(struct turns *turns, struct party *party, struct lane *lane)
{
	struct strand *strand = xcalloc(1, sizeof(*strand));

	strand->lane = lane;
	if (party->cursor == NULL) {
		join_ring(turns, party);
		party->cursor = strand->next = strand->before = strand;
		return strand;
	}
	strand->next = party->cursor;
	strand->before = party->cursor->before;
	strand->before->next = strand;
	strand->next->before = strand;
	return strand;
}

/* The strand is empty. */
static void
end_strand(struct turns *turns, struct party *party, struct strand *strand)
{
	if (party->cursor == strand)
		party->cursor = strand->next == strand ? NULL : strand->next;
	strand->before->next = strand->next;
	strand->next->before = strand->before;
	free(strand);
	if (party->cursor == NULL)
		leave_ring(turns, party);
}

struct errand *
turns_open(struct turns *turns, const char *id, const char *sender)
{
	struct errand *errand = xcalloc(1, sizeof(*errand));

	(void)copy_string(errand->id, sizeof(errand->id), id);
	errand->party = use_party(turns, sender);
	return errand;
}

void
turns_add(struct turns *turns, struct errand *errand, const char *destination)
{
	for (size_t i = 0; i < errand->count; i++)
		if (strcmp(errand->lanes[i]->name, destination) == 0)
			return;
	errand->lanes = xrealloc(errand->lanes,
	    (errand->count + 1) * sizeof(struct lane *));
	errand->lanes[errand->count++] = lanes_use(&turns->lanes, destination);
}

void
turns_drop(struct turns *turns, struct errand *errand, size_t i)
{
	struct lane *lane = errand->lanes[i];

	errand->count--;
	memmove(errand->lanes + i, errand->lanes + i + 1,
	    (errand->count - i) * sizeof(struct lane *));
	lanes_leave(&turns->lanes, lane);
}

void
turns_wait(struct turns *turns, struct errand *errand)
{
	struct lane *lane = errand->lanes[0];
	struct strand *strand = find_strand(errand->party, lane);

	if (strand == NULL)
		strand = make_strand(turns, errand->party, lane);
	errand->next = NULL;
	errand->strand = strand;
	if (strand->first == NULL)
		strand->first = errand;
	else
		strand->last->next = errand;
	strand->last = errand;
	turns->waiting++;
}

/* The first of STRAND leaves it; with the last one it ends. */
static struct errand *
shift(struct turns *turns, struct party *party, struct strand *strand)
{
	struct errand *errand = strand->first;

	strand->first = errand->next;
	errand->next = NULL;
	errand->strand = NULL;
	turns->waiting--;
	if (strand->first == NULL)
		end_strand(turns, party, strand);
	return errand;
}

/* The strand of PARTY that can begin, or NULL. */
static struct strand *
ready_strand(const struct party *party, int free)
{
	struct strand *strand = party->cursor;

	if (party->busy >= free)
		return NULL;
	do {
		if (lane_has_room(strand->lane, free))
			return strand;
		strand = strand->next;
	} while (strand != party->cursor);
	return NULL;
}

/* The strand whose turn it is, or NULL; its party to *PARTY. */
static struct strand *
find_turn(const struct turns *turns, int free, struct party **party_out)
{
	struct party *party = turns->cursor;

	if (party == NULL || free == 0)
		return NULL;
	do {
		struct strand *strand = ready_strand(party, free);

		*party_out = party;
		if (strand != NULL)
			return strand;
		party = party->next;
	} while (party != turns->cursor);
	return NULL;
}

bool
turns_is_ready(const struct turns *turns, int free)
{
	struct party *party;

	return find_turn(turns, free, &party) != NULL;
}

struct errand *
turns_begin(struct turns *turns, int free)
{
	struct party *party;
	struct strand *strand = find_turn(turns, free, &party);
	struct errand *errand;

	if (strand == NULL)
		return NULL;

	/* Who comes next, of the senders and of his lanes. */
	turns->cursor = party->next;
	party->cursor = strand->next;
	errand = shift(turns, party, strand);
	errand->at_work = true;
	party->busy++;
	lane_begin(errand->lanes[0]);
	return errand;
}

bool
turns_end(struct turns *turns, struct errand *errand, const struct reply *why)
{
	bool asleep =
	    lane_end(&turns->lanes, errand->lanes[0], why, lane_clock());

	errand->at_work = false;
	errand->party->busy--;
	turns_drop(turns, errand, 0);
	return asleep;
}

void
turns_undo(struct turns *turns, struct errand *errand)
{
	errand->at_work = false;
	errand->party->busy--;
	errand->lanes[0]->busy--;
	turns_wait(turns, errand);
}

struct errand *
turns_take_out(struct turns *turns, const struct lane *lane)
{
	struct party *party = turns->cursor;

	if (party == NULL)
		return NULL;
	do {
		struct strand *strand = find_strand(party, lane);

		if (strand != NULL)
			return shift(turns, party, strand);
		party = party->next;
	} while (party != turns->cursor);
	return NULL;
}

/* Out of the strand in which it stands. */
static void
step_out(struct turns *turns, struct errand *errand)
{
	struct strand *strand = errand->strand;
	struct errand **place = &strand->first;
	struct errand *before = NULL;

	while (*place != errand) {
		before = *place;
		place = &before->next;
	}
	*place = errand->next;
	if (strand->last == errand)
		strand->last = before;
	turns->waiting--;
	if (strand->first == NULL)
		end_strand(turns, errand->party, strand);
}

void
turns_close(struct turns *turns, struct errand *errand)
{
	if (errand == NULL)
		return;
	if (errand->strand != NULL)
		step_out(turns, errand);
	while (errand->count > 0)
		turns_drop(turns, errand, errand->count - 1);
	leave_party(turns, errand->party);
	free(errand->lanes);
	free(errand);
}
