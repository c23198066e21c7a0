/* dialog_play.c - one step after the other, or in bursts. */
#include "labs/dialog_play.h"

#include <string.h>

#include "common/conn.h"
#include "common/tls.h"
#include "labs/dialog_channel.h"
#include "labs/dialog_pattern.h"
#include "labs/dialog_steps.h"

/* Whether step I needs a value that one of the steps from FIRST on gives. */
static bool
needs_an_answer(const struct script *script, size_t first, size_t i)
{
	const char *text = script->steps[i].text;

	for (; first < i; first++) {
		const char *cursor = script->steps[first].text;
		const char *name;
		size_t size;

		if (!step_is_heard(script->steps[first].kind))
			continue;
		while ((name = pattern_next_name(&cursor, &size)) != NULL) {
			if (values_uses(text, name, size))
				return true;
		}
	}
	return false;
}

/*
 * Where a burst that begins at FIRST ends.  RFC 5321 3.1: the server greets
 * first; only a dialog that says so tries what comes of not waiting.
 */
static size_t
burst_end(const struct player *p, size_t first)
{
	const struct script *script = p->script;
	bool patient = script->burst != BURST_EARLY;
	size_t i = first;

	if (!p->options->burst || p->now == NULL ||
	    (patient && !p->now->greeted))
		return first;

	for (; i < script->count; i++) {
		enum step_kind kind = script->steps[i].kind;

		if (step_is_said(kind) && needs_an_answer(script, first, i))
			break;
		if (!step_is_said(kind) && !step_is_heard(kind))
			break;
	}
	return i;
}

/* Runs the steps from FIRST to END that are of the kind that WANTED names. */
static bool
run_only(struct player *p, size_t first, size_t end,
    bool (*wanted)(enum step_kind kind))
{
	for (; first < end; first++) {
		const struct step *step = &p->script->steps[first];

		if (wanted(step->kind) && !player_run(p, step))
			return false;
	}
	return true;
}

/* What was said beyond the last line of the dialog would be lost. */
static bool
nothing_is_left(struct player *p)
{
	for (size_t i = 0; i < p->channel_count; i++) {
		p->now = p->channels[i];
		if (conn_pending(p->now->conn) > 0 && channel_hear(p->now))
			return player_differ(p,
			    &p->script->steps[p->script->count - 1],
			    "the server says more", "nothing", p->now->line);
	}
	return true;
}

bool
dialog_play(const struct script *script, const struct player_options *options)
{
	struct player p = { .script = script, .options = options };
	bool good = true;

	for (size_t i = 0; i < options->values->count; i++) {
		const struct value *value = &options->values->list[i];

		values_set(&p.values, value->name, value->text,
		    strlen(value->text));
	}
	for (size_t i = 0; i < script->count && good;) {
		size_t end = burst_end(&p, i);

		if (end == i) {
			good = player_run(&p, &script->steps[i++]);
			continue;
		}
		good = run_only(&p, i, end, step_is_said) &&
		    run_only(&p, i, end, step_is_heard);
		i = end;
	}
	good = good && nothing_is_left(&p);
	for (size_t i = 0; i < p.channel_count; i++)
		channel_close(p.channels[i]);
	values_clear(&p.values);
	tls_context_free(p.tls);
	return good;
}
