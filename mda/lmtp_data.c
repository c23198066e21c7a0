/*
 * lmtp_data.c - DATA and BDAT: the message, and an answer for each recipient.
 *
 * After the final dot, or the last chunk, comes one reply for each recipient
 * that was accepted, in their order (RFC 2033 4.2 and 4.3); a chunk that is
 * not the last has one reply (RFC 3030).
 */
#include "mda/lmtp_session.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/config.h"
#include "common/conn.h"
#include "common/data_reader.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/server.h"
#include "mda/lmtp_deliver.h"

enum {
	FLUSH_EVERY = 16,
	/*
	 * Seconds that a front end may keep us waiting for its next message:
	 * each of its idle workers would hold one of ours.
	 */
	FRONT_END_IDLE = 1,
};

/* The handler has said it all. */
static const struct reply said;

/* The same for all, when the message itself was wrong. */
static void
refuse_all(struct session *s, const struct reply *fault)
{
	for (size_t i = 0; i < s->envelope.count; i++)
		conn_putline(s->conn, "%d %s", fault->code, fault->text);
	log_event(LOG_WARN, "refused", "id=%s reply=%s",
	    log_safe(s->envelope.forwarded.queue_id), log_safe(fault->text));
}

/* A reply for a recipient; the last one does not wait for the index. */
static void
answer_for_one(void *arg, const struct reply *r)
{
	struct session *s = arg;

	conn_putline(s->conn, "%d %s", r->code, r->text);
	s->answered++;
	if (s->answered % FLUSH_EVERY == 0 || s->answered == s->envelope.count)
		conn_flush(s->conn);
}

/*
 * A reply for each recipient in order.  With very many the first ones are
 * sent ahead: a client whose patience ends then knows who has it already.
 */
static void
deliver_all(struct session *s, int64_t lines)
{
	struct arrival arrival =
	    lmtp_arrival(s->config, &s->envelope, &s->parcel, lines);

	arrival.answer = answer_for_one;
	arrival.arg = s;
	s->answered = 0;
	lmtp_deliver(&s->envelope, &arrival);
}

/*
 * Behind a message of a front end, who is another program of ours: it can come
 * again at once, if others wait.
 */
static void
end_visit(struct session *s)
{
	s->patience = FRONT_END_IDLE;
	if (server_is_crowded())
		s->state = DONE;
}

/* What came of the text: copies, or what is wrong with it for everybody. */
static void
finish(struct session *s, const struct data_reader *reader)
{
	/* Nobody else names a queue file. */
	bool front_end = *s->envelope.forwarded.queue_id != '\0';
	struct reply fault = data_reader_reply(reader);

	conn_set_deadline(s->conn, 0);
	if (fault.code == 0)
		deliver_all(s, reader->lines);
	else
		refuse_all(s, &fault);
	lmtp_reset(s);
	if (front_end)
		end_visit(s);
}

struct reply
lmtp_data(struct session *s, const char *argument)
{
	struct data_reader reader;

	if (*argument != '\0')
		return reply(501, "5.5.4 Usage: DATA");

	conn_putline(s->conn, "354 End data with <CR><LF>.<CR><LF>");
	conn_set_deadline(s->conn, s->config->data_timeout);
	data_reader_init(&reader, lmtp_size_limit(s), parcel_add, &s->parcel);
	if (data_reader_run(&reader, s->conn))
		finish(s, &reader);
	else
		s->state = DONE;
	return said;
}

/* bdat-cmd ::= "BDAT" SP chunk-size [ SP end-marker ]       RFC 3030 2 */
static bool
parse_chunk(const char *argument, int64_t *size, bool *last)
{
	size_t digits = strspn(argument, "0123456789");
	const char *marker = argument + digits;

	if (digits == 0 || digits > 18)
		return false;
	*size = strtoll(argument, NULL, 10);
	marker += strspn(marker, " ");
	*last = strcasecmp(marker, "LAST") == 0;
	return *marker == '\0' || *last;
}

/* Into nothing: a chunk follows its command at once, wanted or not. */
static int
drop(void *arg, const char *data, size_t size)
{
	(void)arg;
	(void)data;
	(void)size;
	return 0;
}

static struct reply
refuse_chunk(struct session *s, int64_t size, struct reply r)
{
	struct data_reader nobody;

	data_reader_init(&nobody, 0, drop, NULL);
	nobody.chunked = true;
	conn_set_deadline(s->conn, s->config->data_timeout);
	if (data_reader_run_chunk(&nobody, s->conn, size))
		return r;
	s->state = DONE;
	return said;
}

/* More of the message; after the last chunk a reply for each recipient. */
static struct reply
take_chunk(struct session *s, int64_t size, bool last)
{
	struct reply fault;

	if (s->reader == NULL) {
		s->reader = xmalloc(sizeof(*s->reader));
		data_reader_init(s->reader, lmtp_size_limit(s), parcel_add,
		    &s->parcel);
		s->reader->chunked = true;
	}
	s->state = CHUNKS;
	conn_set_deadline(s->conn, s->config->data_timeout);
	if (!data_reader_run_chunk(s->reader, s->conn, size)) {
		s->state = DONE;
		return said;
	}
	if (last) {
		data_reader_end_chunks(s->reader);
		finish(s, s->reader);
		return said;
	}
	fault = data_reader_reply(s->reader);
	if (fault.code == 0)
		return reply(250, "2.0.0 Ok: %lld octets", (long long)size);
	lmtp_reset(s);
	return fault;
}

struct reply
lmtp_bdat(struct session *s, const char *argument)
{
	int64_t size;
	bool last;

	if (!parse_chunk(argument, &size, &last)) {
		/* Nobody knows how much of what follows is text. */
		s->state = DONE;
		return reply(501, "5.5.4 Usage: BDAT octets [LAST]");
	}
	if ((s->state & (RCPTS | CHUNKS)) == 0)
		return refuse_chunk(s, size,
		    reply(503, "5.5.1 BDAT not allowed now: %s",
			s->state == SENDER ? "No valid recipients"
					   : "MAIL and RCPT first"));
	return take_chunk(s, size, last);
}
