/*
 * compose.c - the compose view: drawing, and what it holds.
 */
#include "mua/compose.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mua/account.h"
#include "mua/contacts.h"
#include "mua/cursor.h"
#include "mua/editor.h"
#include "mua/folders.h"
#include "mua/post.h"
#include "mua/text.h"
#include "mua/unfinished.h"

enum { LABEL_COLUMNS = 10, WHY_SIZE = 600, KNOWN_MAX = 2000 };

static struct compose *
compose_of(struct view *view)
{
	return (struct compose *)view;
}

size_t
compose_rows(const struct compose *compose)
{
	return COMPOSE_ATTACHMENTS + compose->draft->attachment_count;
}

struct account *
compose_account(struct ui *ui, const struct draft *draft)
{
	struct account *account = NULL;

	if (ui->accounts != NULL && *draft->account != '\0')
		account = accounts_find(ui->accounts, draft->account);
	return account != NULL ? account : ui->account;
}

bool
compose_save(struct compose *compose)
{
	struct ui *ui = compose->view.ui;
	char *drafts = folders_drafts(compose_account(ui, compose->draft),
	    folders_mailbox(ui));
	char why[WHY_SIZE];
	bool good = post_save_draft(compose->draft, drafts, why, sizeof(why));

	if (!good)
		ui_complain(ui, "%s", why);
	free(drafts);
	return good;
}

void
compose_changed(struct compose *compose)
{
	compose->changed = true;
	(void)unfinished_is_due(compose->unfinished, true, false);
}

void
compose_keep_text(struct compose *compose, const struct buf *text)
{
	int rc = unfinished_save(compose->unfinished, compose->draft, text);

	if (rc == -1 && !compose->unsafe)
		ui_complain(compose->view.ui,
		    "What you write cannot be kept on disk meanwhile: %s",
		    strerror(errno));
	compose->unsafe = rc == -1;
}

bool
compose_keep(void *arg, const struct editor *editor, bool typed, bool idle)
{
	struct compose *compose = arg;
	struct buf text = BUF_INIT;

	if (!unfinished_is_due(compose->unfinished, typed, idle))
		return unfinished_is_waiting(compose->unfinished);
	editor_text(editor, &text);
	compose_keep_text(compose, &text);
	buf_clear(&text);
	return unfinished_is_waiting(compose->unfinished);
}

/* What is changed here is rare enough to be kept at once. */
static bool
tick(struct view *view, bool idle)
{
	struct compose *compose = compose_of(view);

	(void)idle;
	if (!compose->editing &&
	    unfinished_is_due(compose->unfinished, false, true))
		compose_keep_text(compose, &compose->draft->text);
	return unfinished_is_waiting(compose->unfinished);
}

static void
draw_label(struct screen_text *screen, int row, enum style style,
    const char *label)
{
	screen_fill(screen, row, style, ' ',
	    LABEL_COLUMNS - 2 - text_columns(label, strlen(label)));
	screen_add(screen, row, style, label);
	screen_add(screen, row, style, ": ");
}

static void
draw_text_row(const struct draft *draft, struct screen_text *screen, int row,
    enum style style)
{
	struct buf line = BUF_INIT;
	size_t lines = 0;
	char size[8];

	for (size_t i = 0; i < draft->text.size; i++)
		lines += draft->text.data[i] == '\n';
	buf_printf(&line, "   1  the text: %zu line%s, %s (text/plain)", lines,
	    lines == 1 ? "" : "s", text_size((int64_t)draft->text.size, size));
	screen_add(screen, row, style, line.data);
	buf_clear(&line);
}

static void
draw_attachment(const struct draft *draft, size_t i, struct screen_text *screen,
    int row, enum style style)
{
	const struct attachment *a = &draft->attachments[i];
	struct buf line = BUF_INIT;
	char size[8];

	buf_printf(&line, "%4zu  %s, %s (%s)", i + 2,
	    *a->name == '\0' ? "without a name" : a->name,
	    text_size(a->size, size), a->type);
	screen_add(screen, row, style, line.data);
	buf_clear(&line);
}

static void
draw_row(const struct compose *compose, size_t i, struct screen_text *screen,
    int row)
{
	const struct draft *draft = compose->draft;
	bool here = i == compose->current;
	enum style label = here ? STYLE_SELECTED : STYLE_LABEL;
	enum style text = here ? STYLE_SELECTED : STYLE_NORMAL;

	if (i < DRAFT_FIELDS) {
		draw_label(screen, row, label,
		    draft_field_name((enum draft_field)i));
		screen_add(screen, row, text, draft->fields[i]);
	} else if (i == COMPOSE_REPORT) {
		draw_label(screen, row, label, "Report");
		screen_add(screen, row, text,
		    draft->wants_report ? "asked for, of the delivery" : "no");
	} else if (i == COMPOSE_LINE) {
		screen_add(screen, row, STYLE_PART, "-- What is sent ");
		screen_fill(screen, row, STYLE_PART, '-', screen->columns);
		return;
	} else if (i == COMPOSE_TEXT) {
		draw_text_row(draft, screen, row, text);
	} else {
		draw_attachment(draft, i - COMPOSE_ATTACHMENTS, screen, row,
		    text);
	}
	if (here)
		screen_fill(screen, row, text, ' ', screen->columns);
}

static void
draw(struct view *view, struct screen_text *screen)
{
	struct compose *compose = compose_of(view);

	compose->height = view_height(screen);
	if (compose->current >= compose_rows(compose))
		compose->current = compose_rows(compose) - 1;
	compose->top = cursor_top(compose->top, compose->current,
	    compose_rows(compose), compose->height);
	for (int i = 0; i < compose->height; i++) {
		size_t at = compose->top + (size_t)i;

		if (at == compose_rows(compose))
			break;
		draw_row(compose, at, screen, VIEW_TOP_ROW + i);
		if (at == compose->current)
			screen->cursor_row = VIEW_TOP_ROW + i;
	}
}

static void
status(struct view *view, struct buf *left, struct buf *right)
{
	struct compose *compose = compose_of(view);
	const struct account *account =
	    compose_account(view->ui, compose->draft);
	int64_t size = (int64_t)compose->draft->text.size;
	char text[8];

	for (size_t i = 0; i < compose->draft->attachment_count; i++)
		size += compose->draft->attachments[i].size;
	buf_addstr(left, "A letter, not sent yet ");
	if (account != NULL && *account->smtp.host != '\0')
		buf_printf(left, "(through %s) ", account->smtp.host);
	buf_printf(right, " %s", text_size(size, text));
}

static void
free_view(struct view *view)
{
	struct compose *compose = compose_of(view);

	bool lost =
	    !compose->settled && compose->changed && !compose_save(compose);

	unfinished_end(compose->unfinished, lost);
	draft_free(compose->draft);
	people_clear(&compose->known);
	free(compose);
}

/* clang-format off */
static const struct key_table *const tables[] = {
	&compose_key_table, &ui_common_keys, NULL,
};
/* clang-format on */

static const struct view_class class = {
	.name = "a letter being written",
	.tables = tables,
	.draw = draw,
	.status = status,
	.tick = tick,
	.free = free_view,
};

void
compose_known(struct ui *ui, struct people *known)
{
	const struct mailbox *mailbox = ui->mailbox;
	char *path = folders_contacts();

	if (path != NULL)
		contacts_read(path, known);
	free(path);
	/* Only what the list has read already: this must not take time. */
	for (size_t i = mailbox->count; i-- > 0 && known->count < KNOWN_MAX;) {
		const struct mailbox_entry *entry = &mailbox->entries[i];

		if (mailbox->count - i > KNOWN_MAX)
			break;
		if (entry->summarised && entry->from != NULL)
			people_read(entry->from, strlen(entry->from), known);
	}
}

/* A draft that was taken up goes by the account that its From is of. */
static void
find_account(struct ui *ui, struct draft *draft)
{
	struct people from = { 0 };
	const struct account *account = NULL;
	char why[WHY_SIZE];

	if (draft_people(draft, DRAFT_FROM, &from, why, sizeof(why)) &&
	    from.count == 1 && ui->accounts != NULL)
		account =
		    accounts_of(ui->accounts, NULL, from.items[0].address);
	if (account != NULL)
		draft_replace(&draft->account, account->name);
	people_clear(&from);
}

void
compose_open(struct ui *ui, struct draft *draft, bool edit)
{
	struct compose *compose = xcalloc(1, sizeof(*compose));
	char *drafts;

	compose->view.class = &class;
	compose->view.ui = ui;
	compose->draft = draft;
	compose->current = COMPOSE_TEXT;
	compose_known(ui, &compose->known);
	find_account(ui, draft);
	drafts =
	    folders_drafts(compose_account(ui, draft), folders_mailbox(ui));
	compose->unfinished = unfinished_new(drafts);
	free(drafts);
	ui_push(ui, &compose->view);
	if (edit)
		compose_edit(&compose->view, 0);
}
