/*
 * dialog_hear.h - what a dialog does with the server's lines.
 */
#ifndef LABS_DIALOG_HEAR_H
#define LABS_DIALOG_HEAR_H

#include "labs/dialog_steps.h"

/* Does one step that is heard (step_is_heard), as player_run(). */
bool player_hear(struct player *p, const struct step *step);

#endif
