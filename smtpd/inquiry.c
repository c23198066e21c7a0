/* inquiry.c - who waits for a domain, what somebody has sent. */
#include "smtpd/inquiry.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/log.h"
#include "smtpd/notes.h"

/*
 * What waits for the domain is due now; what is on its way counts as well.
 * Whose envelope was not read yet might be for it, and is tried too: that is
 * so for a moment after the start, when all is tried anyhow.
 */
static void
flush(struct inquiry *q, const struct queue_request *request,
    struct buf *answer)
{
	struct schedule_item *item;
	bool all_known = true;
	int64_t now = schedule_now();
	size_t count = 0;
	size_t at = 0;

	while ((item = schedule_next(q->schedule, &at)) != NULL) {
		bool waits = item->place != 0;

		if (item->notes == NULL)
			all_known = false;
		else if (!notes_lead_to(item->notes, request->subject,
			     request->below))
			continue;
		if (waits)
			(void)schedule_add(q->schedule, item->id, now, true);
		count += waits || item->errand != NULL;
	}
	lanes_wake(&q->turns->lanes);
	log_event(LOG_INFO, "flush", "domain=%s below=%s messages=%zu",
	    log_safe(request->subject), request->below ? "yes" : "no", count);
	if (all_known)
		buf_printf(answer, "ok %zu", count);
	else
		buf_addstr(answer, "started");
}

/* The newest of those that somebody has sent. */
struct selection {
	const struct schedule_item *items[QUEUE_LIST_MAX];
	size_t count; /* in items, the newest first */
	size_t total;
};

static void
select_item(struct selection *s, const struct schedule_item *item)
{
	size_t i = s->count < QUEUE_LIST_MAX ? s->count++ : QUEUE_LIST_MAX;

	s->total++;
	for (; i > 0 &&
	     notes_arrived(s->items[i - 1]->notes) < notes_arrived(item->notes);
	     i--)
		if (i < QUEUE_LIST_MAX)
			s->items[i] = s->items[i - 1];
	if (i < QUEUE_LIST_MAX)
		s->items[i] = item;
}

static void
add_printable(struct buf *to, const char *text, size_t max)
{
	for (size_t i = 0; i < max && text[i] != '\0'; i++)
		buf_addchar(to,
		    text[i] >= ' ' && text[i] <= '~' ? text[i] : '?');
}

/* Looked at sooner than its time, unless it is hurried, it waits on. */
static int64_t
next_try(const struct schedule_item *item, const struct queue_entry *entry)
{
	if (item == NULL || item->place == 0)
		return 0;
	return item->hurried || item->due / 1000 > entry->next
	    ? item->due / 1000
	    : entry->next;
}

static void
add_line(const struct inquiry *q, const struct queue_entry *entry,
    struct buf *to)
{
	enum { TEXT_SHOWN = 200 };
	const struct schedule_item *item =
	    schedule_find(q->schedule, entry->id);
	const struct reply *last = queue_last_word(entry);
	int64_t now = time(NULL);
	int64_t next = next_try(item, entry);

	buf_printf(to, "\n%s %lld %lld %zu %zu ", entry->id,
	    (long long)(now > entry->arrived ? now - entry->arrived : 0),
	    (long long)entry->size, queue_count(entry, RCPT_PENDING),
	    queue_count_people(entry));
	if (entry->held)
		buf_addstr(to, "held");
	else if (next <= now)
		buf_addstr(to, "now");
	else
		buf_printf(to, "%lld", (long long)(next - now));
	if (last == NULL)
		return;
	buf_printf(to, " %d ", last->code);
	add_printable(to, last->text, TEXT_SHOWN);
}

static void
list(const struct inquiry *q, const struct queue_request *request,
    struct buf *answer)
{
	struct selection selection = { .count = 0 };
	const struct schedule_item *item;
	size_t at = 0;

	if (q->schedule->unread > 0) {
		buf_addstr(answer, "busy");
		return;
	}
	while ((item = schedule_next(q->schedule, &at)) != NULL)
		if (notes_are_of(item->notes, request->subject))
			select_item(&selection, item);
	buf_printf(answer, "ok %zu", selection.total);
	for (size_t i = 0; i < selection.count; i++) {
		struct queue_entry entry;

		if (queue_read(q->queue, selection.items[i]->id, false,
			&entry) == 0)
			add_line(q, &entry, answer);
		queue_entry_clear(&entry);
	}
}

static void
retry(struct inquiry *q, const struct queue_request *request,
    struct buf *answer)
{
	const struct schedule_item *item;

	lanes_wake(&q->turns->lanes);
	if (request->all) {
		buf_printf(answer, "ok %zu",
		    schedule_hurry(q->schedule, schedule_now()));
		return;
	}
	item = schedule_find(q->schedule, request->subject);
	if (item == NULL) {
		buf_addstr(answer, "absent");
	} else if (item->errand != NULL && item->errand->at_work) {
		buf_addstr(answer, "busy");
	} else if (item->errand == NULL && item->place == 0) {
		buf_addstr(answer, "held");
	} else {
		(void)schedule_add(q->schedule, item->id, schedule_now(), true);
		buf_addstr(answer, "ok 1");
	}
}

static void
look(struct inquiry *q, const struct queue_request *request, struct buf *answer)
{
	const struct schedule_item *item;

	item = schedule_find(q->schedule, request->subject);
	if (request->all)
		q->rescan = true;
	else if (item == NULL || item->errand == NULL || !item->errand->at_work)
		(void)schedule_add(q->schedule, request->subject,
		    schedule_now(), false);
	buf_addstr(answer, "ok");
}

/* Who has logged in may see what is his, where people learn. */
static bool
lists(const struct config *config)
{
	for (size_t i = 0; i < config->listener_count; i++)
		if (config->listeners[i].leniency == CLASSROOM)
			return true;
	return false;
}

void
inquiry_answer(struct inquiry *inquiry, const struct queue_request *request,
    struct buf *answer)
{
	switch (request->verb) {
	case QUEUE_FLUSH:
		flush(inquiry, request, answer);
		break;
	case QUEUE_LIST:
		if (lists(inquiry->config))
			list(inquiry, request, answer);
		else
			buf_addstr(answer, "no");
		break;
	case QUEUE_RETRY:
		retry(inquiry, request, answer);
		break;
	case QUEUE_LOOK:
		look(inquiry, request, answer);
		break;
	}
}
