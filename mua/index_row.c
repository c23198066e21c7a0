/*
 * index_row.c - one message as a row: number, flags, date, from, size and
 * subject; what does not fit beside a readable subject is left out.
 */
#include "mua/index_row.h"

#include "maildir/base_subject.h"
#include "mua/account.h"
#include "mua/text.h"
#include "mua/thread_tree.h"

#include <stdio.h>
#include <strings.h>
#include <time.h>

/* From which width on there is room for what. */
static const struct layout {
	int columns;
	enum { NO_DATE, DAY_OF_YEAR, DAY, MINUTE } date;
	int date_columns;
	int from_columns;
	bool size;
} layouts[] = {
	/* clang-format off */
	{ 120, MINUTE,      16, 26, true },
	{  72, DAY,         10, 20, true },
	{  56, DAY_OF_YEAR,  6, 16, false },
	{   0, NO_DATE,      0, 12, false },
	/* clang-format on */
};

static const struct layout *
choose_layout(int columns)
{
	const struct layout *layout = layouts;

	while (columns < layout->columns)
		layout++;
	return layout;
}

void
index_row_flags(const struct mailbox_entry *entry, char flags[INDEX_FLAGS_SIZE])
{
	flags[0] = ' ';
	if (entry->deleted)
		flags[0] = 'D';
	else if (!mailbox_has_flag(entry, 'S'))
		flags[0] = 'N';
	else if (mailbox_has_flag(entry, 'R'))
		flags[0] = 'r';
	flags[1] = ' ';
	if (entry->tagged)
		flags[1] = '*';
	else if (mailbox_has_flag(entry, 'F'))
		flags[1] = '!';
	flags[2] = entry->attachments > 0 ? 'A' : ' ';
	flags[3] = '\0';
}

static void
draw_date(const struct mailbox_entry *entry, const struct layout *layout,
    struct screen_text *screen, int row, enum style style)
{
	time_t when = (time_t)entry->date;
	char text[32] = "";
	struct tm tm;

	if (entry->date > 0 && localtime_r(&when, &tm) != NULL) {
		if (layout->date == MINUTE)
			strftime(text, sizeof(text), "%Y-%m-%d %H:%M", &tm);
		else if (layout->date == DAY)
			strftime(text, sizeof(text), "%Y-%m-%d", &tm);
		else
			strftime(text, sizeof(text), "%b %d", &tm);
	}
	screen_field(screen, row, style, text, layout->date_columns);
	screen_add(screen, row, style, "  ");
}

/* Room for the number of each of COUNT messages; most lists look alike. */
static int
number_columns(size_t count)
{
	int columns = 4;

	for (count /= 10000; count > 0; count /= 10)
		columns++;
	return columns;
}

/* Whether B is what A answers, or the other way round, by its subject. */
static bool
same_subject(const char *a, const char *b)
{
	struct base_subject first = base_subject_of(a);
	struct base_subject second = base_subject_of(b);

	return first.size == second.size &&
	    strncasecmp(first.text, second.text, first.size) == 0;
}

/* The sender, or "To Bob" in a message of our own. */
static void
draw_person(struct ui *ui, const struct mailbox_entry *entry,
    const struct layout *layout, int row, enum style style)
{
	struct screen_text *screen = &ui->screen;
	const char *own = ui->account == NULL ? "" : ui->account->address;
	struct buf person = BUF_INIT;

	if (*own != '\0' && text_find(entry->from, own, NULL) != NULL) {
		buf_addstr(&person, "To ");
		text_person(entry->to, &person);
	} else {
		text_person(entry->from, &person);
	}
	screen_field(screen, row, style, person.data, layout->from_columns);
	screen_add(screen, row, style, "  ");
	buf_clear(&person);
}

/* The lines of its thread; the subject, where it is not that of the thread. */
static void
draw_subject(const struct mailbox *mailbox, size_t at,
    struct screen_text *screen, int row, enum style style)
{
	const struct mailbox_entry *entry = &mailbox->entries[at];
	int room = screen->columns - screen->lines[row].used;
	struct buf text = BUF_INIT;
	uint32_t parent = THREAD_NONE;

	if (mailbox->threads != NULL) {
		parent = mailbox->threads[at].parent;
		thread_tree_draw(mailbox, at, room / 2, &text);
		if (entry->collapsed && mailbox->threads[at].size > 1)
			buf_printf(&text, "[+%u] ",
			    mailbox->threads[at].size - 1);
	}
	if (parent == THREAD_NONE ||
	    !same_subject(entry->subject, mailbox->entries[parent].subject))
		buf_addstr(&text, entry->subject);
	screen_field(screen, row, style, text.data, screen->columns);
	buf_clear(&text);
}

void
index_row_draw(struct ui *ui, size_t at, int row, enum style style)
{
	struct screen_text *screen = &ui->screen;
	const struct mailbox_entry *entry = mailbox_entry(ui->mailbox, at);
	const struct layout *layout = choose_layout(screen->columns);
	char flags[INDEX_FLAGS_SIZE];
	char text[40];

	index_row_flags(entry, flags);
	snprintf(text, sizeof(text), "%*zu %s ",
	    number_columns(ui->mailbox->count), at + 1, flags);
	screen_add(screen, row, style, text);
	if (layout->date != NO_DATE)
		draw_date(entry, layout, screen, row, style);
	draw_person(ui, entry, layout, row, style);
	if (layout->size) {
		char size[8];

		snprintf(text, sizeof(text), "%5s  ",
		    text_size(entry->octets, size));
		screen_add(screen, row, style, text);
	}
	draw_subject(ui->mailbox, at, screen, row, style);
}
