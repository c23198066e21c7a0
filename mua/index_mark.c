/*
 * index_mark.c - marks on messages: removal, read, flagged, tagged.
 *
 * Behind ";" they are for all that are tagged, and the cursor stays; else for
 * the current message, and the cursor goes on.
 */
#include "mua/answer_keys.h"
#include "mua/index_view.h"
#include "mua/mailbox_rows.h"
#include "mua/message_pipe.h"
#include "mua/message_save.h"
#include "mua/prompt.h"
#include "mua/targets.h"

/* To the next message that is not marked for removal, if there is one. */
static void
go_on_kept(struct mailbox *mailbox)
{
	size_t at = mailbox->current;

	while (mailbox_neighbour(mailbox, at, 1, &at)) {
		if (!mailbox->entries[at].deleted) {
			mailbox->current = at;
			return;
		}
	}
}

static void
mark_deleted(struct view *view, bool deleted)
{
	struct ui *ui = view->ui;
	struct targets targets;

	targets_find(ui, &targets);
	for (size_t i = 0; i < targets.count; i++)
		mailbox_mark_deleted(ui->mailbox, targets.items[i], deleted);
	if (ui->on_tagged)
		ui_say(ui, "%zu %s", targets.count,
		    deleted ? "marked for removal" : "will be kept");
	else if (deleted)
		go_on_kept(ui->mailbox);
	else
		mailbox_move(ui->mailbox, 1);
	targets_clear(&targets);
}

void
list_delete(struct view *view, int key)
{
	(void)key;
	mark_deleted(view, true);
}

void
list_undelete(struct view *view, int key)
{
	(void)key;
	mark_deleted(view, false);
}

/* Takes FLAG away where all have it, else gives it to all. */
static void
toggle(struct view *view, char flag)
{
	struct ui *ui = view->ui;
	struct targets targets;
	bool set = false;
	size_t failed = 0;

	targets_find(ui, &targets);
	for (size_t i = 0; i < targets.count; i++)
		set |=
		    !mailbox_has_flag(&ui->mailbox->entries[targets.items[i]],
			flag);
	for (size_t i = 0; i < targets.count; i++)
		failed += mailbox_set_flag(ui->mailbox, targets.items[i], flag,
			      set) == -1;
	if (failed > 0)
		ui_complain(ui, "The message could not be marked");
	if (!ui->on_tagged)
		mailbox_move(ui->mailbox, 1);
	targets_clear(&targets);
}

void
list_toggle_read(struct view *view, int key)
{
	(void)key;
	toggle(view, 'S');
}

void
list_toggle_flag(struct view *view, int key)
{
	(void)key;
	toggle(view, 'F');
}

void
list_save(struct view *view, int key)
{
	struct ui *ui = view->ui;

	(void)key;
	if (message_save(ui, false) && !ui->on_tagged)
		go_on_kept(ui->mailbox);
}

void
list_copy(struct view *view, int key)
{
	(void)key;
	message_save(view->ui, true);
}

void
list_pipe(struct view *view, int key)
{
	(void)key;
	message_pipe(view->ui);
}

void
list_tag(struct view *view, int key)
{
	struct ui *ui = view->ui;
	struct mailbox *mailbox = ui->mailbox;

	(void)key;
	if (ui->on_tagged) {
		for (size_t i = 0; i < mailbox->count; i++)
			mailbox->entries[i].tagged = false;
		ui_say(ui, "Nothing is tagged any more");
		return;
	}
	mailbox->entries[mailbox->current].tagged ^= true;
	mailbox_move(mailbox, 1);
}

void
list_on_tagged(struct view *view, int key)
{
	static const struct key_table *const tables[] = { &index_message_keys,
		&answer_keys, NULL };
	struct ui *ui = view->ui;
	struct targets targets;

	(void)key;
	ui->on_tagged = true;
	targets_find(ui, &targets);
	if (targets.count == 0) {
		ui_complain(ui, "Nothing is tagged: t tags a message");
	} else {
		struct buf question = BUF_INIT;
		int pressed;

		buf_printf(&question, "Which key, for %zu tagged? ",
		    targets.count);
		pressed = prompt_key(ui, question.data);
		buf_clear(&question);
		if (pressed != 0 && !ui_act(ui, tables, pressed))
			ui_complain(ui, "This key cannot be used behind ;");
	}
	targets_clear(&targets);
	ui->on_tagged = false;
}
