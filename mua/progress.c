/*
 * progress.c - how far a long work is, and a way out of it.
 */
#include "mua/progress.h"

enum { EVERY_MILLISECONDS = 200 };

static int64_t
milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void
progress_begin(struct progress *progress, struct ui *ui, const char *what)
{
	*progress = (struct progress){
		.ui = ui,
		.what = what,
		.shown = milliseconds(),
	};
}

bool
progress_step(void *arg, size_t done, size_t total)
{
	struct progress *progress = arg;
	struct ui *ui = progress->ui;
	int64_t now = milliseconds();

	if (now - progress->shown < EVERY_MILLISECONDS)
		return true;
	progress->shown = now;
	progress->cancelled = typing_breaks_off(&ui->typing, ui->terminal);
	ui_say(ui, "%s: %zu of %zu (^C breaks off)", progress->what, done,
	    total);
	ui_draw(ui);
	return !progress->cancelled;
}
