/*
 * index_view.h - the list of messages, between its drawing and its keys.
 *
 * The keys are in index_keys.c, one table a kind; what they do is in
 * index_move.c, index_mark.c, index_find.c, index_threads.c and index_leave.c.
 */
#ifndef MUA_INDEX_VIEW_H
#define MUA_INDEX_VIEW_H

#include "mua/mailbox.h"
#include "mua/view.h"

struct index_view {
	struct view view;
	size_t top;       /* the first row shown */
	size_t row;       /* the cursor, at the last drawing */
	int height;       /* rows of the last drawing */
	struct buf limit; /* the query; "": all is shown */
};

/* What the list is left and entered by. */
extern const struct key_table index_main_keys;

/* What is done to a message, or behind ";" to all that are tagged. */
extern const struct key_table index_message_keys;

/* Finding, tagging, order. */
extern const struct key_table index_find_keys;

/* Whole threads; moving the cursor. */
extern const struct key_table index_thread_keys;
extern const struct key_table index_move_keys;

/* Preconditions. */
const char *list_needs_message(struct view *view);
const char *list_needs_threads(struct view *view);

/* --- index_move.c ------------------------------------------------------- */

void list_next(struct view *view, int key);
void list_previous(struct view *view, int key);
void list_next_page(struct view *view, int key);
void list_previous_page(struct view *view, int key);
void list_first(struct view *view, int key);
void list_last(struct view *view, int key);
void list_next_unread(struct view *view, int key);
void list_jump(struct view *view, int key); /* a digit begins the number */
void list_click(struct view *view, int key);

/* --- index_mark.c: all but the last few for the targets (views.h) ------- */

void list_delete(struct view *view, int key);
void list_undelete(struct view *view, int key);
void list_toggle_read(struct view *view, int key);
void list_toggle_flag(struct view *view, int key);
void list_save(struct view *view, int key);
void list_copy(struct view *view, int key);
void list_pipe(struct view *view, int key);
void list_tag(struct view *view, int key);
void list_on_tagged(struct view *view, int key); /* ";" */

/* --- index_find.c ------------------------------------------------------- */

void list_search(struct view *view, int key);
void list_search_next(struct view *view, int key);
void list_limit(struct view *view, int key);
/* After a load: what has come is limited too.  After a removal: a limit that
 * leaves nothing is lifted. */
void list_limit_arrivals(struct index_view *list);
void list_lift_empty_limit(struct index_view *list);
void list_tag_matching(struct view *view, int key);
void list_untag_matching(struct view *view, int key);
void list_delete_matching(struct view *view, int key);
void list_undelete_matching(struct view *view, int key);

/* --- index_threads.c ---------------------------------------------------- */

const char *list_order_name(enum sort sort); /* "date" */
void list_sort(struct view *view, int key);
void list_sort_reverse(struct view *view, int key);
void list_collapse(struct view *view, int key);
void list_collapse_all(struct view *view, int key);
void list_next_thread(struct view *view, int key);
void list_previous_thread(struct view *view, int key);
void list_parent(struct view *view, int key);
void list_tag_thread(struct view *view, int key);
void list_delete_thread(struct view *view, int key);
void list_undelete_thread(struct view *view, int key);
void list_read_thread(struct view *view, int key);

/* --- index_leave.c ------------------------------------------------------ */

void list_quit(struct view *view, int key);   /* asks before it removes */
void list_leave(struct view *view, int key);  /* removes nothing */
void list_remove(struct view *view, int key); /* asks, and stays */

#endif
