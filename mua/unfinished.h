/*
 * unfinished.h - a letter that is being written, kept on disk meanwhile.
 *
 * It is a file of its own beside the messages of the drafts' Maildir, replaced
 * atomically, and goes when the letter is sent, saved or thrown away.  Its
 * writer holds a lock on it (fcntl, which ends with the process and is not its
 * children's), so a file without one is what somebody who was killed had
 * written, and is offered at the next start.
 */
#ifndef MUA_UNFINISHED_H
#define MUA_UNFINISHED_H

#include "mua/draft.h"

#include <stdbool.h>

struct ui;
struct unfinished;

/* Nothing is written yet.  DRAFTS is the path of the Maildir. */
struct unfinished *unfinished_new(const char *drafts);

/*
 * Something was typed, or not.  Whether it is time to save: at once when a
 * person has stopped (IDLE), else after some seconds or many keys; the longer
 * saving takes, as with large attachments, the more seldom.
 */
bool unfinished_is_due(struct unfinished *unfinished, bool typed, bool idle);

/* Whether something was typed that is not kept yet. */
bool unfinished_is_waiting(const struct unfinished *unfinished);

/*
 * Keeps the draft as it is now, with TEXT in the place of its own.  0 once it
 * would survive a power cut; -1 with errno, then the one before stays.
 */
int unfinished_save(struct unfinished *unfinished, struct draft *draft,
    const struct buf *text);

/* Ends it: KEEP leaves the file, for the next start.  NULL is allowed. */
void unfinished_end(struct unfinished *unfinished, bool keep);

/*
 * Makes drafts of what killed writers have left in DRAFTS, in place of those
 * that they had taken up; what they had saved themselves is one.  How many; the
 * name of the last is in NAME_OUT (MAILDIR_NAME_MAX + 1 bytes).
 */
size_t unfinished_recover(const char *drafts, char *name_out);

/* At the start: does that for all folders of drafts, and offers one. */
void unfinished_ask(struct ui *ui);

#endif
