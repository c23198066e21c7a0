/*
 * index_row.c - one message as a row: number, flags, date, from, size and
 * subject; what does not fit beside a readable subject is left out.
 */
#include "mua/index_row.h"

#include "mua/text.h"

#include <stdio.h>
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
	flags[1] = mailbox_has_flag(entry, 'F') ? '!' : ' ';
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

void
index_row_draw(const struct mailbox_entry *entry, size_t number,
    struct screen_text *screen, int row, enum style style)
{
	const struct layout *layout = choose_layout(screen->columns);
	struct buf from = BUF_INIT;
	char flags[INDEX_FLAGS_SIZE];
	char text[32];

	index_row_flags(entry, flags);
	snprintf(text, sizeof(text), "%4zu %s ", number, flags);
	screen_add(screen, row, style, text);
	if (layout->date != NO_DATE)
		draw_date(entry, layout, screen, row, style);
	text_person(entry->from, &from);
	screen_field(screen, row, style, from.data, layout->from_columns);
	screen_add(screen, row, style, "  ");
	buf_clear(&from);
	if (layout->size) {
		char size[8];

		snprintf(text, sizeof(text), "%5s  ",
		    text_size(entry->octets, size));
		screen_add(screen, row, style, text);
	}
	screen_field(screen, row, style, entry->subject, screen->columns);
}
