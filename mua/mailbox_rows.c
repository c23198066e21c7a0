/*
 * mailbox_rows.c - puts the entries that are shown into an order.
 */
#include "mua/mailbox_rows.h"

#include "maildir/base_subject.h"
#include "mua/cursor.h"
#include "mua/text.h"
#include "mua/thread_tree.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* What an entry is sorted by: the text, or the number, then its place. */
struct sort_key {
	const char *text;
	int64_t number;
	uint32_t entry;
};

static int
compare_keys(const void *a, const void *b)
{
	const struct sort_key *first = a;
	const struct sort_key *second = b;
	int order = strcasecmp(first->text, second->text);

	if (order == 0)
		order = (first->number > second->number) -
		    (first->number < second->number);
	if (order == 0)
		order = first->entry < second->entry ? -1 : 1;
	return order;
}

static const char *
person_of(const struct mailbox_entry *entry, struct arena *arena)
{
	struct buf person = BUF_INIT;
	const char *copy;

	text_person(entry->from, &person);
	copy = arena_string(arena, person.data);
	buf_clear(&person);
	return copy;
}

static struct sort_key
make_key(struct mailbox *mailbox, uint32_t i, struct arena *arena)
{
	struct sort_key key = { .text = "", .entry = i };
	const struct mailbox_entry *entry = &mailbox->entries[i];

	if (mailbox->sort == SORT_SIZE) {
		key.number = entry->octets;
		return key;
	}
	entry = mailbox_entry(mailbox, i);
	key.number = entry->date;
	if (mailbox->sort == SORT_FROM)
		key.text = person_of(entry, arena);
	else if (mailbox->sort == SORT_SUBJECT)
		key.text = base_subject_of(entry->subject).text;
	return key;
}

/* Sorts the rows by what the mailbox is sorted by. */
static void
sort_rows(struct mailbox *mailbox)
{
	struct sort_key *keys = xcalloc(mailbox->row_count + 1, sizeof(*keys));
	struct arena arena = { 0 };

	for (size_t i = 0; i < mailbox->row_count; i++)
		keys[i] = make_key(mailbox, mailbox->rows[i], &arena);
	qsort(keys, mailbox->row_count, sizeof(*keys), compare_keys);
	for (size_t i = 0; i < mailbox->row_count; i++)
		mailbox->rows[i] = keys[i].entry;
	arena_clear(&arena);
	free(keys);
}

static void
reverse_rows(struct mailbox *mailbox)
{
	uint32_t *rows = mailbox->rows;

	for (size_t i = 0, j = mailbox->row_count; i + 1 < j; i++) {
		uint32_t row = rows[--j];

		rows[j] = rows[i];
		rows[i] = row;
	}
}

static void
list_rows(struct mailbox *mailbox)
{
	mailbox->row_count = 0;
	for (uint32_t i = 0; i < mailbox->count; i++)
		if (!mailbox->entries[i].limited)
			mailbox->rows[mailbox->row_count++] = i;
	if (mailbox->sort != SORT_ARRIVAL)
		sort_rows(mailbox);
	if (mailbox->reverse)
		reverse_rows(mailbox);
}

/* The row that stands for a current message that has none. */
static void
keep_current(struct mailbox *mailbox)
{
	size_t at = mailbox->current;

	if (mailbox->row_count == 0 ||
	    mailbox->entries[at].row != MAILBOX_NO_ROW)
		return;
	if (mailbox->threads != NULL && !mailbox->entries[at].limited) {
		while (mailbox->entries[at].row == MAILBOX_NO_ROW)
			at = mailbox->threads[at].parent;
		mailbox->current = at;
		return;
	}
	while (
	    at < mailbox->count && mailbox->entries[at].row == MAILBOX_NO_ROW)
		at++;
	mailbox->current =
	    at < mailbox->count ? at : mailbox->rows[mailbox->row_count - 1];
}

void
mailbox_arrange(struct mailbox *mailbox)
{
	mailbox->rows = xrealloc(mailbox->rows,
	    (mailbox->count + 1) * sizeof(*mailbox->rows));
	free(mailbox->threads);
	mailbox->threads = NULL;
	if (mailbox->sort == SORT_THREADS) {
		mailbox_read_all(mailbox, NULL, NULL);
		mailbox->threads = thread_tree_build(mailbox);
		mailbox->row_count = thread_tree_list(mailbox, mailbox->rows);
	} else {
		list_rows(mailbox);
	}
	for (size_t i = 0; i < mailbox->count; i++)
		mailbox->entries[i].row = MAILBOX_NO_ROW;
	for (size_t i = 0; i < mailbox->row_count; i++)
		mailbox->entries[mailbox->rows[i]].row = (uint32_t)i;
	keep_current(mailbox);
}

size_t
mailbox_row(const struct mailbox *mailbox)
{
	return mailbox->row_count == 0 ? 0
				       : mailbox->entries[mailbox->current].row;
}

bool
mailbox_move(struct mailbox *mailbox, long steps)
{
	size_t before = mailbox->current;

	if (mailbox->row_count > 0)
		mailbox->current =
		    mailbox->rows[cursor_move(mailbox_row(mailbox), steps,
			mailbox->row_count)];
	return mailbox->current != before;
}

bool
mailbox_neighbour(const struct mailbox *mailbox, size_t at, long direction,
    size_t *to_out)
{
	size_t row = mailbox->entries[at].row;
	size_t to = cursor_move(row, direction, mailbox->row_count);

	if (to == row)
		return false;
	*to_out = mailbox->rows[to];
	return true;
}
