/*
 * dialog_steps.h - what each kind of step does.
 */
#ifndef LABS_DIALOG_STEPS_H
#define LABS_DIALOG_STEPS_H

#include "common/mem.h"
#include "labs/dialog_play.h"

#include <stdbool.h>
#include <stddef.h>

enum { CHANNELS_MAX = 16 };

/* A dialog being played. */
struct player {
	const struct script *script;
	const struct player_options *options;
	struct values values;
	struct channel *channels[CHANNELS_MAX];
	size_t channel_count;
	struct channel *now; /* NULL before CONNECT and after CLOSE */
	struct tls_context *tls;
};

/* Does one step.  False when the dialog cannot go on; why is printed. */
bool player_run(struct player *p, const struct step *step);

/* Prints the place and a sentence; returns false. */
bool player_fail(const struct player *p, const struct step *step,
    const char *fmt, ...) PRINTF(3, 4);

/* The step's text with its values put in. */
bool player_expand(struct player *p, const struct step *step,
    enum expansion how, struct buf *to);

/* Prints that WHAT happened, and what was expected; returns false. */
bool player_differ(const struct player *p, const struct step *step,
    const char *what, const char *expected, const char *got);

#endif
