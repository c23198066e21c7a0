/*
 * dialog_steps.c - a function for each kind of step, in a table.
 *
 * Each returns whether the dialog goes on; if not it has said why.
 */
#include "labs/dialog_steps.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/conn.h"
#include "common/mem.h"
#include "common/tls.h"
#include "labs/dialog_channel.h"
#include "labs/dialog_hear.h"

enum { SHOWN_MAX = 300 };

bool
player_fail(const struct player *p, const struct step *step, const char *fmt,
    ...)
{
	va_list args;

	printf("%s:%d: ", p->script->path, step->line);
	va_start(args, fmt);
	(void)vprintf(fmt, args);
	va_end(args);
	printf("\n");
	return false;
}

static void
explain(const char *label, const char *text)
{
	printf("  %-9s ", label);
	print_safe(stdout, text, strlen(text), SHOWN_MAX);
}

/* The server did something else than the step says. */
bool
player_differ(const struct player *p, const struct step *step, const char *what,
    const char *expected, const char *got)
{
	player_fail(p, step, "%s", what);
	explain("expected", expected);
	explain("got", got);
	explain("after", p->now->said);
	return false;
}

bool
player_expand(struct player *p, const struct step *step, enum expansion how,
    struct buf *to)
{
	if (values_expand(&p->values, step->text, how, to))
		return true;
	return player_fail(p, step, "%s", p->values.why);
}

/* The address that WORD, a role or an address, means; free() it. */
static char *
find_address(const struct player *p, const char *word)
{
	for (const struct role *r = p->options->roles; r->name != NULL; r++) {
		if (strcmp(r->name, word) != 0)
			continue;
		if (r->address != NULL)
			return xstrdup(r->address);
		if (r->port != 0)
			return xasprintf("127.0.0.1:%d",
			    r->port + p->options->base);
	}
	return strchr(word, ':') == NULL ? NULL : xstrdup(word);
}

/* CONNECT role [as name] */
static bool
do_connect(struct player *p, const struct step *step)
{
	size_t size = strcspn(step->text, " ");
	bool named = strncmp(step->text + size, " as ", 4) == 0;
	const char *name = named ? step->text + size + 4 : step->text;
	char *role = strndup(step->text, size);
	char *address = find_address(p, role);
	const char *why = "nobody said where that is";

	free(role);
	if (p->channel_count == CHANNELS_MAX)
		why = "too many connections";
	else if (address != NULL)
		p->now = channel_open(name, address, p->options->timeout, &why);
	if (p->channel_count == CHANNELS_MAX || address == NULL ||
	    p->now == NULL) {
		player_fail(p, step, "cannot connect to %s: %s",
		    address == NULL ? step->text : address, why);
		free(address);
		return false;
	}
	free(address);
	p->now->verbose = p->options->verbose;
	p->channels[p->channel_count++] = p->now;
	return true;
}

static bool
do_on(struct player *p, const struct step *step)
{
	/* The latest of that name. */
	for (size_t i = p->channel_count; i-- > 0;) {
		if (strcmp(p->channels[i]->name, step->text) == 0) {
			p->now = p->channels[i];
			return true;
		}
	}
	return player_fail(p, step, "no connection has the name %s",
	    step->text);
}

/* Takes the present connection off the list and closes it. */
static void
close_now(struct player *p)
{
	for (size_t i = 0; i < p->channel_count; i++) {
		if (p->channels[i] != p->now)
			continue;
		p->channels[i] = p->channels[--p->channel_count];
		break;
	}
	channel_close(p->now);
	p->now = NULL;
}

static bool
do_close(struct player *p, const struct step *step)
{
	(void)step;
	close_now(p);
	return true;
}

/* TLS [verify host] */
static bool
do_tls(struct player *p, const struct step *step)
{
	const char *host = NULL;

	if (strncmp(step->text, "verify ", 7) == 0)
		host = step->text + 7;
	else if (*step->text != '\0')
		return player_fail(p, step, "TLS, or TLS verify HOST");
	if (p->tls == NULL)
		p->tls = tls_client_context(p->options->ca_file);
	if (p->tls == NULL)
		return player_fail(p, step, "no certificate authorities");
	if (channel_start_tls(p->now, p->tls, host))
		return true;
	return player_fail(p, step, "%s", channel_why(p->now));
}

static bool
do_wait(struct player *p, const struct step *step)
{
	char *end;
	double seconds = strtod(step->text, &end);
	struct timespec span = { .tv_sec = (time_t)seconds };

	if (*end != '\0' || seconds < 0)
		return player_fail(p, step, "WAIT takes seconds");
	span.tv_nsec = (long)((seconds - (double)span.tv_sec) * 1e9);
	conn_flush(p->now->conn);
	nanosleep(&span, NULL);
	return true;
}

static bool
do_say(struct player *p, const struct step *step)
{
	struct buf text = BUF_INIT;
	bool bytes = step->kind == STEP_BYTES;
	bool good = player_expand(p, step,
	    bytes ? EXPAND_ESCAPES : EXPAND_PLAIN, &text);

	if (good)
		channel_say(p->now, &text, !bytes);
	buf_clear(&text);
	return good;
}

static bool
do_file(struct player *p, const struct step *step)
{
	const char *slash = strrchr(p->script->path, '/');
	size_t folder =
	    slash == NULL ? 0 : (size_t)(slash + 1 - p->script->path);
	struct buf name = BUF_INIT;
	struct buf path = BUF_INIT;
	bool good = player_expand(p, step, EXPAND_PLAIN, &name);

	if (good) {
		if (name.data[0] != '/')
			buf_add(&path, p->script->path, folder);
		buf_add(&path, name.data, name.size);
		good = channel_say_file(p->now, path.data) ||
		    player_fail(p, step, "%s: %s", path.data,
			strerrordesc_np(errno));
	}
	buf_clear(&name);
	buf_clear(&path);
	return good;
}

static bool
do_end(struct player *p, const struct step *step)
{
	if (channel_hear(p->now))
		return player_differ(p, step, "the server does not close",
		    "END", p->now->line);
	if (strncmp(channel_why(p->now), "closed", 6) != 0)
		return player_differ(p, step, "the server does not close",
		    "END", channel_why(p->now));
	close_now(p);
	return true;
}

/* clang-format off */
static bool (*const actions[])(struct player *p, const struct step *step) = {
	[STEP_CONNECT] = do_connect,
	[STEP_ON]      = do_on,
	[STEP_TLS]     = do_tls,
	[STEP_CLOSE]   = do_close,
	[STEP_WAIT]    = do_wait,
	[STEP_SAY]     = do_say,
	[STEP_TEXT]    = do_say,
	[STEP_BYTES]   = do_say,
	[STEP_FILE]    = do_file,
	[STEP_EXPECT]  = player_hear,
	[STEP_REPLY]   = player_hear,
	[STEP_FIND]    = player_hear,
	[STEP_FORBID]  = player_hear,
	[STEP_SAVE]    = player_hear,
	[STEP_END]     = do_end,
};
/* clang-format on */

bool
player_run(struct player *p, const struct step *step)
{
	if (p->now == NULL && step->kind != STEP_CONNECT &&
	    step->kind != STEP_ON)
		return player_fail(p, step, "there is no connection now");
	return actions[step->kind](p, step);
}
