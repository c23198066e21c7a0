/*
 * progress.h - how far a long work is, in the last row; and Ctrl-C breaks it
 * off.
 */
#ifndef MUA_PROGRESS_H
#define MUA_PROGRESS_H

#include "mua/ui.h"

struct progress {
	struct ui *ui;
	const char *what;
	int64_t shown; /* milliseconds of the monotonic clock */
	bool cancelled;
};

void progress_begin(struct progress *progress, struct ui *ui, const char *what);

/*
 * For mailbox_read_all() and index_fill_text(): ARG is a struct progress.
 * False once the person has broken it off.  Shows nothing and reads no key
 * before a fifth of a second has passed.
 */
bool progress_step(void *arg, size_t done, size_t total);

#endif
