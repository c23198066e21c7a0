/* receive.c - the filters behind one another, and the last checks. */
#include "smtpd/receive.h"

#include "common/log.h"

void
receive_begin(struct receive *receive, int64_t limit, const struct stamp *stamp,
    unsigned care, struct mail_spool *spool)
{
	data_reader_init(&receive->reader, limit, headers_add,
	    &receive->headers);
	receive->reader.line_limit = RECEIVE_LINE_MAX;
	receive->reader.gives_up = true;
	/* The first bytes go to memory: that cannot fail. */
	(void)headers_begin(&receive->headers, stamp, care, mail_spool_add,
	    spool);
}

/* " KEY=VALUE", where there is one. */
static void
add_fact(struct buf *to, const char *key, const char *value)
{
	if (value != NULL && *value != '\0')
		buf_printf(to, " %s=%s", key, log_safe(value));
}

/*
 * The one line that says who handed the message in, for postlab trace.  What a
 * client has written comes last: should the line be cut, it is that.
 */
static void
log_message(const struct receive *receive)
{
	const struct stamp *stamp = receive->headers.stamp;
	struct buf facts = BUF_INIT;

	add_fact(&facts, "uid", stamp->uid);
	add_fact(&facts, "listener", stamp->listener);
	add_fact(&facts, "login", stamp->login);
	add_fact(&facts, "tls", stamp->tls);
	add_fact(&facts, "msgid", receive->headers.message_id);
	add_fact(&facts, "from", *stamp->sender == '\0' ? "<>" : stamp->sender);
	add_fact(&facts, "helo", stamp->helo);
	log_event(LOG_INFO, "message",
	    "id=%s peer=%s protocol=%s size=%lld lines=%lld long_lines=%lld "
	    "hops=%d%s",
	    stamp->id, log_safe(stamp->peer), stamp->protocol,
	    (long long)receive->reader.octets, (long long)receive->reader.lines,
	    (long long)receive->reader.long_lines, receive->headers.received,
	    facts.data);
	buf_clear(&facts);
}

/* What is wrong with the text so far; code 0 when nothing is. */
static struct reply
find_fault(const struct receive *receive)
{
	if (receive->headers.too_big)
		return reply(552,
		    "5.3.4 Header too big: at most %d octets before the body",
		    HEADERS_SIZE_MAX);
	return data_reader_reply(&receive->reader);
}

struct reply
receive_end(struct receive *receive)
{
	struct reply fault = find_fault(receive);
	int end = headers_end(&receive->headers);
	int hops = receive->headers.received;

	headers_clear(&receive->headers);
	if (fault.code != 0)
		return fault;
	if (end == -1)
		return reply(452, "4.3.1 Insufficient system storage");
	if (hops > RECEIVE_HOPS_MAX)
		return reply(554,
		    "5.4.6 Error: too many hops: %d Received fields", hops);
	log_message(receive);
	return reply(250, "2.0.0 Ok");
}

struct reply
receive_message(struct conn *conn, struct receive *receive)
{
	if (data_reader_run(&receive->reader, conn))
		return receive_end(receive);
	headers_clear(&receive->headers);
	return (struct reply){ .code = 0 };
}

struct reply
receive_chunk(struct conn *conn, struct receive *receive, int64_t size,
    bool last)
{
	receive->reader.chunked = true;
	receive->reader.gives_up = false;
	if (!data_reader_run_chunk(&receive->reader, conn, size))
		return (struct reply){ .code = 0 };
	if (last)
		data_reader_end_chunks(&receive->reader);
	if (receive->reader.fault != DATA_FINE)
		return find_fault(receive);
	if (last)
		return receive_end(receive);
	return reply(250, "2.0.0 Ok: %lld bytes", (long long)size);
}

void
receive_clear(struct receive *receive)
{
	headers_clear(&receive->headers);
}
