/*
 * index_leave.c - leaves the list, and settles what is marked for removal.
 */
#include "mua/index_view.h"
#include "mua/prompt.h"
#include "mua/views.h"

bool
views_settle_deletions(struct ui *ui)
{
	size_t marked = ui->mailbox->is_file ? 0 : mailbox_deleted(ui->mailbox);
	struct buf question = BUF_INIT;
	size_t failed;
	int answer;

	if (marked == 0)
		return true;
	buf_printf(&question, "Remove %zu message%s for good? (y/n) ", marked,
	    marked == 1 ? "" : "s");
	answer = prompt_choice(ui, question.data, "yYnN");
	buf_clear(&question);
	if (answer == 'n' || answer == 'N')
		return true;
	if (answer == 0)
		return false;
	failed = mailbox_purge(ui->mailbox);
	if (failed > 0)
		ui_complain(ui, "%zu could not be removed", failed);
	return failed == 0;
}

static void
settle_and_stay(struct view *view)
{
	views_settle_deletions(view->ui);
	list_lift_empty_limit((struct index_view *)view);
}

void
list_quit(struct view *view, int key)
{
	(void)key;
	if (views_settle_deletions(view->ui))
		ui_pop(view->ui);
	else
		list_lift_empty_limit((struct index_view *)view);
}

void
list_remove(struct view *view, int key)
{
	(void)key;
	if (mailbox_deleted(view->ui->mailbox) == 0)
		ui_say(view->ui, "Nothing is marked for removal");
	else
		settle_and_stay(view);
}

void
list_leave(struct view *view, int key)
{
	(void)key;
	ui_pop(view->ui);
}
