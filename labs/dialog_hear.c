/* dialog_hear.c - the S lines of a dialog. */
#include "labs/dialog_hear.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "labs/dialog_channel.h"
#include "labs/dialog_pattern.h"

static bool
hear_line(struct player *p, const struct step *step)
{
	struct buf pattern = BUF_INIT;
	bool good = player_expand(p, step, EXPAND_PATTERN, &pattern);

	if (good && !channel_hear(p->now))
		good = player_differ(p, step, "the server says no more",
		    step->text, channel_why(p->now));
	else if (good && !pattern_match(pattern.data, p->now->line, &p->values))
		good =
		    player_differ(p, step, "the server answers something else",
			pattern.data, p->now->line);
	buf_clear(&pattern);
	return good;
}

/* A whole SMTP reply, of which the first line is compared. */
static bool
hear_reply(struct player *p, const struct step *step)
{
	struct buf pattern = BUF_INIT;
	bool good = player_expand(p, step, EXPAND_PATTERN, &pattern);
	bool over;

	if (good && !channel_hear(p->now))
		good = player_differ(p, step, "the server says no more",
		    step->text, channel_why(p->now));
	if (!good)
		goto out;
	over = channel_reply_is_over(p->now);
	if (!over && strlen(p->now->line) > 3)
		p->now->line[3] = ' ';
	if (!pattern_match(pattern.data, p->now->line, &p->values))
		good =
		    player_differ(p, step, "the server answers something else",
			pattern.data, p->now->line);
	for (; good && !over; over = channel_reply_is_over(p->now)) {
		if (!channel_hear(p->now))
			good =
			    player_differ(p, step, "the reply is not finished",
				step->text, channel_why(p->now));
	}
out:
	buf_clear(&pattern);
	return good;
}

/* Whether a line that was heard is none of the S! lines before STEP. */
static bool
is_allowed(struct player *p, const struct step *step)
{
	for (step--; step->kind == STEP_FORBID; step--) {
		struct buf pattern = BUF_INIT;
		bool good = player_expand(p, step, EXPAND_PATTERN, &pattern);

		if (good &&
		    pattern_match(pattern.data, p->now->line, &p->values))
			good = player_differ(p, step,
			    "the server says what it must not", step->text,
			    p->now->line);
		buf_clear(&pattern);
		if (!good)
			return false;
	}
	return true;
}

static bool
hear_found(struct player *p, const struct step *step)
{
	struct buf pattern = BUF_INIT;
	bool good = player_expand(p, step, EXPAND_PATTERN, &pattern);
	bool found = false;

	while (good && !found) {
		if (!channel_hear(p->now))
			good = player_differ(p, step, "the server says no more",
			    step->text, channel_why(p->now));
		else if (is_allowed(p, step))
			found = pattern_match(pattern.data, p->now->line,
			    &p->values);
		else
			good = false;
		if (good && !found && channel_reply_is_over(p->now))
			good =
			    player_differ(p, step, "the reply has no such line",
				pattern.data, p->now->line);
	}
	buf_clear(&pattern);
	return good;
}

static bool
hear_saved(struct player *p, const struct step *step)
{
	struct buf path = BUF_INIT;
	FILE *file;
	bool good = player_expand(p, step, EXPAND_PLAIN, &path);

	if (!good)
		return false;
	file = fopen(path.data, "w");
	if (file == NULL)
		good = player_fail(p, step, "%s: %s", path.data,
		    strerrordesc_np(errno));
	while (good) {
		const char *line = p->now->line;

		if (!channel_hear(p->now))
			good = player_differ(p, step, "the server says no more",
			    "a line with a dot", channel_why(p->now));
		else if (strcmp(line, ".") == 0)
			break;
		else
			fprintf(file, "%s\n", line + (*line == '.'));
	}
	if (file != NULL && fclose(file) == EOF)
		good = player_fail(p, step, "%s: %s", path.data,
		    strerrordesc_np(errno));
	buf_clear(&path);
	return good;
}

bool
player_hear(struct player *p, const struct step *step)
{
	switch (step->kind) {
	case STEP_EXPECT:
		return hear_line(p, step);
	case STEP_REPLY:
		return hear_reply(p, step);
	case STEP_FIND:
		return hear_found(p, step);
	case STEP_SAVE:
		return hear_saved(p, step);
	default:
		return true; /* S!: the S- that follows looks at it */
	}
}
