/*
 * transcript.c - what is heard of a connection becomes records.
 *
 * Input comes twice: at the tap, a read at a time, which tells the segment and
 * the time; at the watch when the session takes it, as the line it took.
 * Output comes at the tap only, when it has left; transcript_mark.h knows what
 * it answers.
 */
#include "common/transcript.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/buf.h"
#include "common/config.h"
#include "common/conn.h"
#include "common/log.h"
#include "common/server.h"
#include "common/tls.h"
#include "common/transcript_link.h"
#include "common/transcript_private.h"

enum { LINE_MAX_SERVER = 8192 };

static int64_t
now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_REALTIME, &time);
	return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* Cut to what fits, with its NUL. */
static void
add_string(struct buf *to, const char *text, size_t max)
{
	buf_add(to, text, strnlen(text, max));
	buf_addchar(to, '\0');
}

static const char *
describe_tls(const struct transcript *t)
{
	return *t->tls != '\0' ? t->tls : tls_describe(t->conn);
}

static void
add_helo(const struct transcript *t, struct buf *to)
{
	struct buf name = BUF_INIT;

	if (t->masks)
		mask_echo(t->start.helo, strlen(t->start.helo), &name);
	else
		buf_addstr(&name, t->start.helo);
	add_string(to, name.data, DOMAIN_MAX);
	buf_clear(&name);
}

/* HELO name, login and TLS, when one of them has changed. */
static void
tell_state(struct transcript *t)
{
	const struct evidence_head head = { .kind = EVIDENCE_STATE,
		.at = now() };
	const char *tls = describe_tls(t);
	struct buf state = BUF_INIT;

	add_helo(t, &state);
	add_string(&state, t->start.login, ADDRESS_TEXT_MAX);
	add_string(&state, tls == NULL ? "" : tls, DOMAIN_MAX);
	if (state.size == t->state.size &&
	    memcmp(state.data, t->state.data, state.size) == 0) {
		buf_clear(&state);
		return;
	}
	buf_clear(&t->state);
	if (transcript_link_send(t->link, &head, state.data, state.size))
		t->state = state;
	else
		buf_clear(&state);
}

static void
tell_line(struct transcript *t, struct evidence_head *head, const char *data,
    size_t size)
{
	head->kind = EVIDENCE_LINE;
	head->number = ++t->line;
	head->tls = describe_tls(t) != NULL;
	tell_state(t);
	if (size > EVIDENCE_DATA_MAX)
		size = EVIDENCE_DATA_MAX;
	(void)transcript_link_send(t->link, head, data, size);
}

static void
end_text(struct transcript *t)
{
	const struct evidence_head head = {
		.kind = EVIDENCE_TEXT_END,
		.number = t->command,
		.at = t->arrived,
		.size = t->text,
	};

	if (t->text > 0)
		(void)transcript_link_send(t->link, &head, NULL, 0);
	t->text = 0;
}

/*
 * Bytes of a message.  The 354 may leave only in the middle of it, when all
 * came in one packet: so it is at its end with the next line and not before.
 */
static void
hear_text(struct transcript *t, const char *data, size_t size)
{
	struct evidence_head head = {
		.kind = EVIDENCE_TEXT,
		.number = t->command,
		.at = t->arrived,
	};

	while (size > 0 && t->text < EVIDENCE_TEXT_MAX) {
		size_t piece = size < EVIDENCE_PIECE ? size : EVIDENCE_PIECE;

		if ((int64_t)piece > EVIDENCE_TEXT_MAX - t->text)
			piece = (size_t)(EVIDENCE_TEXT_MAX - t->text);
		head.size = t->text;
		(void)transcript_link_send(t->link, &head, data, piece);
		t->text += (int64_t)piece;
		data += piece;
		size -= piece;
	}
	t->text += (int64_t)size;
}

void
transcript_set_mark(struct transcript *t)
{
	const struct mark mark = {
		.at = t->sent + t->output.size + conn_unsent(t->conn),
		.line = t->line,
		.secret = t->secret,
		.masked = t->masked,
	};

	mark_add(&t->marks, &mark);
}

static void
hear_line(struct transcript *t, enum evidence_flaw flaw, const char *data,
    size_t size)
{
	struct buf text = BUF_INIT;
	struct evidence_head head = {
		.at = t->arrived,
		.segment = t->reads,
		.line = t->secret ? LINE_AUTH : LINE_COMMAND,
		.flaw = (uint8_t)flaw,
	};

	end_text(t);
	/* Who has logged in has no secret left to tell, until the next AUTH. */
	if (*t->start.login != '\0' && !t->logged_in)
		t->mask.wary = false;
	t->logged_in = *t->start.login != '\0';
	if (!t->masks)
		buf_add(&text, data, size);
	else if (t->secret)
		mask_response(data, size, &text);
	else
		mask_command(&t->mask, data, size, &text);
	t->masked = text.size != size || memcmp(text.data, data, size) != 0;
	tell_line(t, &head, text.data, text.size);
	if (!t->secret)
		t->command = t->line;
	transcript_set_mark(t);
	buf_clear(&text);
}

/* What stood behind STARTTLS in clear: commands that were never run. */
static void
hear_dropped(struct transcript *t, const char *data, size_t size)
{
	while (size > 0) {
		const char *end = memchr(data, '\n', size);
		size_t whole = end == NULL ? size : (size_t)(end - data) + 1;
		size_t length = whole;

		while (length > 0 &&
		    (data[length - 1] == '\n' || data[length - 1] == '\r'))
			length--;
		hear_line(t, FLAW_DROPPED, data, length);
		data += whole;
		size -= whole;
	}
}

static void
watch(void *arg, enum conn_taken how, const char *data, size_t size)
{
	static const enum evidence_flaw flaws[] = {
		[TAKEN_LINE] = FLAW_NONE,
		[TAKEN_LOOSE] = FLAW_LOOSE,
		[TAKEN_LONG] = FLAW_LONG,
		[TAKEN_BAD] = FLAW_BAD,
		[TAKEN_CUT] = FLAW_CUT,
	};
	struct transcript *t = arg;

	if (how == TAKEN_TEXT)
		hear_text(t, data, size);
	else if (how == TAKEN_DROPPED)
		hear_dropped(t, data, size);
	else
		hear_line(t, flaws[how], data, size);
}

static void
say_line(struct transcript *t, const char *data, size_t size)
{
	const struct mark mark = mark_find(&t->marks, t->sent);
	struct buf text = BUF_INIT;
	struct evidence_head head = {
		.at = now(),
		.segment = t->writes,
		.answers = mark.line,
		.line = LINE_SERVER,
	};

	bool first = mark.line != t->answered;

	if (first)
		t->answer = 0;
	t->answered = mark.line;
	t->answer += size;
	if (t->masks && mark.secret)
		mask_challenge(data, size, &text);
	else if (t->masks && mark.masked && !first)
		mask_explanation(data, size, &text);
	else if (t->masks && mark.masked)
		mask_echo(data, size, &text);
	else
		buf_add(&text, data, size);
	if (t->answer <= EVIDENCE_TEXT_MAX)
		tell_line(t, &head, text.data, text.size);
	else
		t->line++;
	buf_clear(&text);
}

/* Output that has left, whole lines of it. */
static void
hear_output(struct transcript *t, const char *data, size_t size)
{
	t->writes++;
	buf_add(&t->output, data, size);
	for (;;) {
		const char *end = memchr(t->output.data, '\n', t->output.size);
		size_t whole = t->output.size;
		size_t length;

		if (end != NULL)
			whole = (size_t)(end - t->output.data) + 1;
		else if (whole < LINE_MAX_SERVER)
			break;
		length = whole;
		while (length > 0 &&
		    (t->output.data[length - 1] == '\n' ||
			t->output.data[length - 1] == '\r'))
			length--;
		say_line(t, t->output.data, length);
		t->sent += whole;
		buf_drop(&t->output, whole);
	}
}

static void
tap(void *arg, char direction, const char *data, size_t size)
{
	struct transcript *t = arg;

	if (direction == '>') {
		hear_output(t, data, size);
		return;
	}
	t->reads++;
	t->arrived = now();
}

struct transcript *
transcript_make(struct conn *conn, const struct transcript_start *start)
{
	struct transcript *t = xcalloc(1, sizeof(*t));

	t->conn = conn;
	t->start = *start;
	t->output = t->marks.marks = t->state = (struct buf)BUF_INIT;
	return t;
}

void
transcript_listen(struct transcript *t)
{
	conn_set_tap(t->conn, tap, t);
	conn_set_watch(t->conn, watch, t);
}

struct transcript *
transcript_begin(struct conn *conn, const struct transcript_start *start)
{
	const struct listener *listener = start->listener;
	struct evidence_head head = { .kind = EVIDENCE_SESSION, .at = now() };
	struct buf data = BUF_INIT;
	struct transcript *t;

	if (!listener->evidence)
		return NULL;
	t = transcript_make(conn, start);
	t->masks = !listener->evidence_secrets;
	head.secrets = listener->evidence_secrets;
	head.port = start->peer->port;
	head.uid = start->peer->uid;
	add_string(&data, start->program, DOMAIN_MAX);
	add_string(&data, listener->name, DOMAIN_MAX);
	add_string(&data, start->peer->address, DOMAIN_MAX);
	t->link =
	    transcript_link_open(start->program, &head, data.data, data.size);
	buf_clear(&data);
	transcript_listen(t);
	return t;
}

void
transcript_secret(struct transcript *t, bool secret)
{
	if (t == NULL)
		return;
	t->secret = secret;
	transcript_set_mark(t);
}

void
transcript_message(struct transcript *t, const char *id)
{
	struct evidence_head head = { .kind = EVIDENCE_MESSAGE };

	if (t == NULL)
		return;
	end_text(t);
	head.at = now();
	head.number = t->command;
	(void)transcript_link_send(t->link, &head, id, strlen(id));
}

void
transcript_hush(struct transcript *t)
{
	conn_flush(t->conn);
	conn_set_tap(t->conn, NULL, NULL);
	conn_set_watch(t->conn, NULL, NULL);
	end_text(t);
	tell_state(t);
}

void
transcript_free(struct transcript *t)
{
	buf_clear(&t->output);
	mark_clear(&t->marks);
	buf_clear(&t->state);
	free(t);
}

void
transcript_end(struct transcript *t, const char *why)
{
	struct evidence_head head = { .kind = EVIDENCE_END };
	unsigned lost;

	if (t == NULL)
		return;
	transcript_hush(t);
	head.at = now();
	head.number = t->line;
	(void)transcript_link_send(t->link, &head, why, strlen(why));
	lost = transcript_link_close(t->link);
	if (lost > 0)
		log_event(LOG_WARN, "evidence-lost", "%s records=%u",
		    peer_log(t->start.peer), lost);
	transcript_free(t);
}
