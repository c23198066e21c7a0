/*
 * thread_tree.h - who answers whom.
 *
 * The index knows it, or maildir/threads.h finds it out: by the ids a message
 * refers to, or the subject where it refers to none.  What answers nothing that
 * is here is put below the oldest message of its thread.
 */
#ifndef MUA_THREAD_TREE_H
#define MUA_THREAD_TREE_H

#include "mua/mailbox.h"

#define THREAD_NONE UINT32_MAX

/* One an entry.  All are numbers of entries, or THREAD_NONE. */
struct thread_node {
	uint32_t parent; /* the nearest one that the limit leaves */
	uint32_t child;  /* the first; of one that is shown */
	uint32_t next;   /* the next child of the same parent, likewise */
	uint32_t size;   /* of a root: the messages in its thread */
	int64_t latest;  /* of a root: when the last of them arrived */
	bool by_subject; /* if anything joins it to others */
};

/* All entries must be summarised.  The caller frees it with free(). */
struct thread_node *thread_tree_build(const struct mailbox *mailbox);

/*
 * Lists the entries that are shown into ROWS, thread by thread; those threads
 * first that have been quiet for longest, or with mailbox->reverse last.
 * Returns how many.
 */
size_t thread_tree_list(const struct mailbox *mailbox, uint32_t *rows);

/* The first message of the thread that entry I is in. */
size_t thread_tree_root(const struct mailbox *mailbox, size_t i);

/*
 * The entry after I in the thread of ROOT, shown or collapsed, begin with ROOT;
 * THREAD_NONE behind the last.
 */
uint32_t thread_tree_next(const struct thread_node *nodes, uint32_t root,
    uint32_t i);

/*
 * What is drawn before the subject of entry I, appended to TO, in at most
 * COLUMNS: the outermost levels are left out first.
 */
void thread_tree_draw(const struct mailbox *mailbox, size_t i, int columns,
    struct buf *to);

#endif
