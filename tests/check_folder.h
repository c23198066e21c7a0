/*
 * check_folder.h - a folder of its own for a test, entered and removed.
 *
 * Meant for tcase_add_checked_fixture(tc, folder_enter, folder_leave).
 */
#ifndef TESTS_CHECK_FOLDER_H
#define TESTS_CHECK_FOLDER_H

#include <stdbool.h>

/* Makes a fresh folder below $TMPDIR or /tmp and changes into it. */
void folder_enter(void);

/* Whether nothing is in it. */
bool folder_is_empty(void);

/* Removes it with all that is in it. */
void folder_leave(void);

/* Writes TEXT into FILE, anew. */
void folder_write(const char *file, const char *text);

#endif
