/*
 * check_list_stage.h - a mailbox of five letters, and typing on its list.
 */
#ifndef TESTS_CHECK_LIST_STAGE_H
#define TESTS_CHECK_LIST_STAGE_H

#include "tests/check_mua_stage.h"

#define KEYS(...) ((const int[]){ __VA_ARGS__, 0 })
#define NO_KEYS ((const int[]){ 0 })

/*
 * A fixture: "box" has five messages in a folder of its own, of which the third
 * and the fifth are unread.  Leave it with folder_leave().
 */
void five_letters(void);

/* Types KEYS, TEXT and Enter, then MORE, on the list.  As stage_run(). */
bool type(const int *keys, const char *text, const int *more);

/* The subjects on the screen, from top to bottom, with blanks between. */
const char *subjects(void);

#endif
