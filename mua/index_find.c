/*
 * index_find.c - finds messages: search, limit, and marks on what matches.
 *
 * Whatever is looked for is in the query language (maildir/query.h).  Where it
 * asks for texts that were not read yet, they are read first, with a progress
 * line; who breaks that off gets what there is.
 */
#include "mua/index_view.h"
#include "mua/mailbox_match.h"
#include "mua/mailbox_rows.h"
#include "mua/progress.h"
#include "mua/prompt.h"
#include "mua/query_words.h"

#include <stdlib.h>
#include <string.h>

/* One bool an entry, and how many are true. */
struct found {
	bool *matches;
	size_t count;
	const char *gap; /* why texts are missing; NULL: none is */
};

/* At most LIMIT of them, the newest; 0: all.  Why some are missing, or NULL. */
static const char *
read_texts(struct ui *ui, size_t limit)
{
	struct mailbox *mailbox = ui->mailbox;
	struct progress progress;
	struct fill_progress fill = { progress_step, &progress };
	const char *gap = "Texts cannot be read, only headers are searched";

	if (mailbox->index == NULL)
		return gap;
	progress_begin(&progress, ui, "Reading texts");
	if (index_fill_text(mailbox->index, &mailbox->maildir, limit, &fill) !=
	    -1)
		gap = progress.cancelled ? "Not all texts were read" : NULL;
	buf_reset(&ui->message);
	return gap;
}

/* Finds what TEXT asks for.  False, and it is said why, when it makes none. */
static bool
find_matching(struct ui *ui, const char *text, struct found *found)
{
	struct query *query = NULL;
	char why[256];

	*found = (struct found){ 0 };
	if (!query_words_mean_all(text)) {
		query = query_parse(text, why, sizeof(why));
		if (query == NULL) {
			ui_complain(ui, "%s", why);
			return false;
		}
		if (query_reads_text(query))
			found->gap = read_texts(ui, 0);
	}
	found->matches = xcalloc(ui->mailbox->count + 1, sizeof(bool));
	found->count = mailbox_match(ui->mailbox, query, found->matches);
	query_free(query);
	return true;
}

/*
 * Asks for a query, to do something with all that matches.  False when they
 * gave up, it finds nothing, or what "not body:word" matches is not known; else
 * the caller frees found->matches.
 */
static bool
ask_matching(struct ui *ui, const char *question, struct found *found)
{
	struct buf text = BUF_INIT;
	bool any = prompt_line_complete(ui, question, &text,
		       query_words_complete, NULL) &&
	    text.size > 0 && find_matching(ui, text.data, found);

	if (any && (found->count == 0 || found->gap != NULL)) {
		if (found->gap != NULL)
			ui_complain(ui, "%s: nothing is done", found->gap);
		else
			ui_complain(ui, "Nothing matches %s", text.data);
		free(found->matches);
		any = false;
	}
	buf_clear(&text);
	return any;
}

/* Goes to the next row found behind the current one. */
static void
go_to_found(struct ui *ui, const struct found *found)
{
	struct mailbox *mailbox = ui->mailbox;
	size_t row = mailbox_row(mailbox);

	for (size_t i = 1; i <= mailbox->row_count; i++) {
		size_t to = (row + i) % mailbox->row_count;

		if (!found->matches[mailbox->rows[to]])
			continue;
		mailbox->current = mailbox->rows[to];
		if (found->gap != NULL)
			ui_say(ui, "%s", found->gap);
		else if (to <= row)
			ui_say(ui, "Search went on at the top");
		return;
	}
	if (found->count > 0)
		ui_complain(ui, "Found only in messages that are not shown");
	else if (found->gap != NULL)
		ui_complain(ui, "Not found.  %s", found->gap);
	else
		ui_complain(ui, "Not found: %s", ui->search.data);
}

static void
find_next(struct ui *ui)
{
	struct found found;

	if (!find_matching(ui, ui->search.data, &found))
		return;
	go_to_found(ui, &found);
	free(found.matches);
}

void
list_search(struct view *view, int key)
{
	struct ui *ui = view->ui;
	struct buf wanted = BUF_INIT;

	(void)key;
	if (prompt_line_complete(ui, "Search for: ", &wanted,
		query_words_complete, NULL) &&
	    wanted.size > 0) {
		buf_clear(&ui->search);
		ui->search = wanted;
		find_next(ui);
	} else {
		buf_clear(&wanted);
	}
}

void
list_search_next(struct view *view, int key)
{
	if (view->ui->search.size == 0)
		list_search(view, key);
	else
		find_next(view->ui);
}

void
list_limit(struct view *view, int key)
{
	struct ui *ui = view->ui;
	struct index_view *list = (struct index_view *)view;
	struct buf text = BUF_INIT;
	struct found found;

	(void)key;
	if (!prompt_line_complete(ui, "Limit to messages matching: ", &text,
		query_words_complete, NULL) ||
	    text.size == 0) {
		buf_clear(&text);
		return;
	}
	if (query_words_mean_all(text.data)) {
		buf_clear(&list->limit);
		mailbox_limit(ui->mailbox, NULL);
	} else if (find_matching(ui, text.data, &found)) {
		if (found.count == 0) {
			ui_complain(ui, "%s%sNothing matches %s",
			    found.gap == NULL ? "" : found.gap,
			    found.gap == NULL ? "" : ": ", text.data);
		} else {
			mailbox_limit(ui->mailbox, found.matches);
			buf_clear(&list->limit);
			buf_addstr(&list->limit, text.data);
			ui_say(ui, "%zu of %zu: %s", found.count,
			    ui->mailbox->count,
			    found.gap != NULL ? found.gap : "l all shows all");
		}
		free(found.matches);
	}
	buf_clear(&text);
}

void
list_lift_empty_limit(struct index_view *list)
{
	struct ui *ui = list->view.ui;

	if (list->limit.size == 0 || ui->mailbox->row_count > 0)
		return;
	buf_clear(&list->limit);
	mailbox_limit(ui->mailbox, NULL);
	ui_say(ui, "Nothing matches any more: all is shown");
}

/* How many have come with the last load. */
static size_t
count_fresh(const struct mailbox *mailbox)
{
	size_t count = 0;

	for (size_t i = 0; i < mailbox->count; i++)
		count += mailbox->entries[i].fresh;
	return count;
}

void
list_limit_arrivals(struct index_view *list)
{
	struct mailbox *mailbox = list->view.ui->mailbox;
	size_t fresh = count_fresh(mailbox);
	struct query *query;
	char why[256];
	bool *matches;

	if (fresh == 0)
		list_lift_empty_limit(list);
	if (list->limit.size == 0 || fresh == 0)
		return;
	query = query_parse(list->limit.data, why, sizeof(why));
	if (query == NULL)
		return;
	/* What has come is what was read last: the rest may stay unread. */
	if (query_reads_text(query))
		(void)read_texts(list->view.ui, fresh);
	matches = xcalloc(mailbox->count + 1, sizeof(bool));
	mailbox_match(mailbox, query, matches);
	for (size_t i = 0; i < mailbox->count; i++)
		if (mailbox->entries[i].fresh && !matches[i])
			mailbox->entries[i].limited = true;
	mailbox_arrange(mailbox);
	list_lift_empty_limit(list);
	free(matches);
	query_free(query);
}

/* Tags what matches among the shown, or takes the tag away. */
static void
tag_matching(struct ui *ui, const char *question, bool tag)
{
	struct mailbox *mailbox = ui->mailbox;
	struct found found;
	size_t changed = 0;

	if (!ask_matching(ui, question, &found))
		return;
	for (size_t i = 0; i < mailbox->count; i++) {
		struct mailbox_entry *entry = &mailbox->entries[i];

		if (!found.matches[i] || entry->limited)
			continue;
		changed += entry->tagged != tag;
		entry->tagged = tag;
	}
	ui_say(ui, "%zu %s", changed, tag ? "tagged" : "not tagged any more");
	free(found.matches);
}

void
list_tag_matching(struct view *view, int key)
{
	(void)key;
	tag_matching(view->ui, "Tag messages matching: ", true);
}

void
list_untag_matching(struct view *view, int key)
{
	(void)key;
	tag_matching(view->ui, "Untag messages matching: ", false);
}

static void
delete_matching(struct ui *ui, const char *question, bool deleted)
{
	struct mailbox *mailbox = ui->mailbox;
	struct found found;
	size_t changed = 0;

	if (!ask_matching(ui, question, &found))
		return;
	for (size_t i = 0; i < mailbox->count; i++) {
		const struct mailbox_entry *entry = &mailbox->entries[i];

		if (!found.matches[i] || entry->limited ||
		    entry->deleted == deleted)
			continue;
		mailbox_mark_deleted(mailbox, i, deleted);
		changed++;
	}
	ui_say(ui, "%zu %s", changed,
	    deleted ? "marked for removal" : "will be kept");
	free(found.matches);
}

void
list_delete_matching(struct view *view, int key)
{
	(void)key;
	delete_matching(view->ui, "Delete messages matching: ", true);
}

void
list_undelete_matching(struct view *view, int key)
{
	(void)key;
	delete_matching(view->ui, "Undelete messages matching: ", false);
}
