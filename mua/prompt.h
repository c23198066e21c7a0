/*
 * prompt.h - questions in the last row of the screen.
 */
#ifndef MUA_PROMPT_H
#define MUA_PROMPT_H

#include "mua/ui.h"

/*
 * Lets the person edit ANSWER behind QUESTION.  True with Enter; false when
 * they gave up (Esc, Ctrl-C, Ctrl-G, or rubbing out an empty answer).  The
 * arrows up and down go through the earlier answers to the same question.
 */
bool prompt_line(struct ui *ui, const char *question, struct buf *answer);

/*
 * Completes TEXT, all that stands before the cursor: replaces it by as much as
 * is certain.  What it could become, one line each, goes into CHOICES (empty
 * before); they are shown above the question when there are several.
 */
typedef void prompt_complete(void *arg, struct buf *text,
    struct lines *choices);

/* The same, with Tab to complete by COMPLETE, which gets ARG. */
bool prompt_line_complete(struct ui *ui, const char *question,
    struct buf *answer, prompt_complete *complete, void *arg);

/* For names of files: "~/" is the home folder. */
void prompt_complete_file(void *arg, struct buf *text, struct lines *choices);

/* For a password: it is not shown, and not remembered. */
bool prompt_secret(struct ui *ui, const char *question, struct buf *answer);

/* Asks until one of the letters CHOICES is typed; 0 when they gave up. */
int prompt_choice(struct ui *ui, const char *question, const char *choices);

/* Asks for any one key; 0 when they gave up. */
int prompt_key(struct ui *ui, const char *question);

#endif
