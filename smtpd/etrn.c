/*
 * etrn.c - what a client may ask the queue manager: ETRN (RFC 1985) and, in a
 * classroom, QUEUE.
 *
 * A session has no right to read the queue; it asks over run/queue
 * (queue_request.h) and knows what the manager says.
 */
#include "smtpd/commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/address.h"
#include "common/conn.h"
#include "common/directory.h"
#include "smtpd/queue_request.h"
#include "smtpd/route.h"
#include "smtpd/session.h"

/* A node we have mail for: one of ours, or whose backup MX we are. */
static enum lookup
is_served(struct session *s, const char *domain)
{
	struct directory *directory = session_directory(s);

	if (route_is_backup(s->service->config, domain))
		return LOOKUP_YES;
	return directory == NULL ? LOOKUP_ERROR
				 : directory_has_domain(directory, domain);
}

static struct reply
start_queue(const char *node)
{
	struct buf answer = BUF_INIT;
	size_t count;
	struct reply r;

	if (queue_ask("flush", node, &answer) == -1)
		r = reply(458, "4.3.0 Unable to queue messages for node %s",
		    node);
	else if (!queue_answer_is(&answer, "ok"))
		r = reply(250, "2.0.0 Queuing started");
	else if ((count = queue_answer_number(&answer)) == 0)
		r = reply(251, "2.0.0 OK, no messages waiting for node %s",
		    node);
	else
		r = reply(253,
		    "2.0.0 OK, %zu pending messages for node %s started", count,
		    node);
	buf_clear(&answer);
	return r;
}

/*
 * RFC 1985 5: etrn-command = "ETRN" SP [option-char] node-name
 *             option-char  = "@" / "#"
 * "@" is for the subdomains too; "#" names a queue, and we have none with a
 * name.
 */
struct reply
command_etrn(struct session *s, char *argument)
{
	const char *domain = argument + (*argument == '@');

	if (*argument == '\0' || strpbrk(argument, " \t") != NULL)
		return reply(500, "5.5.4 Syntax: ETRN [@]domain");
	if (*argument == '#')
		return reply(459, "4.7.1 <%s>: service unavailable", argument);
	if (!domain_is_valid(domain))
		return reply(501, "5.5.4 Error: invalid parameter syntax");
	switch (is_served(s, domain)) {
	case LOOKUP_YES:
		return start_queue(argument);
	case LOOKUP_NO:
		return reply(459, "4.7.1 <%s>: service unavailable", argument);
	case LOOKUP_ERROR:
		break;
	}
	return reply(458, "4.3.0 Unable to queue messages for node %s", domain);
}

/* Seconds, for a person. */
static void
add_span(struct buf *to, long seconds)
{
	enum { MINUTE = 60, HOUR = 3600, DAY = 86400 };

	if (seconds < MINUTE)
		buf_printf(to, "%lds", seconds);
	else if (seconds < HOUR)
		buf_printf(to, "%ldm", seconds / MINUTE);
	else if (seconds < DAY)
		buf_printf(to, "%ldh%02ldm", seconds / HOUR,
		    seconds % HOUR / MINUTE);
	else
		buf_printf(to, "%ldd%02ldh", seconds / DAY,
		    seconds % DAY / HOUR);
}

/* "held", "now", or the seconds until then. */
static void
add_next(struct buf *to, const char *when)
{
	if (strcmp(when, "held") == 0) {
		buf_addstr(to, "held");
	} else if (strcmp(when, "now") == 0) {
		buf_addstr(to, "next try now");
	} else {
		buf_addstr(to, "next try in ");
		add_span(to, strtol(when, NULL, 10));
	}
}

/*
 * LINE of the manager's answer: ID AGE SIZE WAITING RECIPIENTS NEXT [REPLY].
 * It is cut up.
 */
static void
put_message(struct session *s, char *line)
{
	enum { WORDS = 6 };
	struct buf text = BUF_INIT;
	char *words[WORDS];
	char *rest = line;

	for (int i = 0; i < WORDS; i++) {
		words[i] = strsep(&rest, " ");
		if (words[i] == NULL)
			return;
	}
	buf_printf(&text, "2.0.0 %s, age ", words[0]);
	add_span(&text, strtol(words[1], NULL, 10));
	buf_printf(&text, ", %s octets, %s of %s recipients wait, ", words[2],
	    words[3], words[4]);
	add_next(&text, words[5]);
	if (rest != NULL)
		buf_printf(&text, "; last reply: %s", rest);
	conn_putline(s->conn, "250-%s", text.data);
	buf_clear(&text);
}

/* All lines but the last, which is returned. */
static struct reply
put_messages(struct session *s, struct buf *answer)
{
	size_t total = queue_answer_number(answer);
	char *rest = answer->data;
	size_t shown = 0;

	if (total == 0)
		return reply(250, "2.0.0 Your queue is empty");
	(void)strsep(&rest, "\n");
	while (rest != NULL) {
		put_message(s, strsep(&rest, "\n"));
		shown++;
	}
	if (shown < total)
		return reply(250,
		    "2.0.0 %zu messages wait, the newest %zu shown", total,
		    shown);
	return reply(250, "2.0.0 %zu message%s", total, total == 1 ? "" : "s");
}

/*
 * Whose mail it is has to be known: by a login, or because the kernel says
 * which user of this machine the client is.  An address alone can be many
 * people's.
 */
struct reply
command_queue(struct session *s, char *argument)
{
	struct buf answer = BUF_INIT;
	struct buf owner = BUF_INIT;
	struct reply r;

	if (s->listener->leniency == STRICT)
		return reply(502, "5.5.1 Error: command not implemented");
	if (*argument != '\0')
		return command_usage("QUEUE");
	if (s->login[0] != '\0')
		buf_addstr(&owner, s->login);
	else if (s->peer->uid >= 0)
		buf_printf(&owner, "uid=%s", peer_user(s->peer));
	if (owner.size == 0)
		r = reply(530, "5.7.0 Authentication required");
	else if (queue_ask("list", owner.data, &answer) == -1)
		r = reply(451, "4.3.0 The queue manager does not answer");
	else if (queue_answer_is(&answer, "ok"))
		r = put_messages(s, &answer);
	else
		r = reply(451, "4.3.0 The queue is being read; try again soon");
	buf_clear(&answer);
	buf_clear(&owner);
	return r;
}
