/* receive.c - the filters behind one another, and the last checks. */
#include "smtpd/receive.h"

void
receive_begin(struct receive *receive, int64_t limit, const struct stamp *stamp,
    bool complete, struct mail_spool *spool)
{
	data_reader_init(&receive->reader, limit, headers_add,
	    &receive->headers);
	receive->reader.line_limit = RECEIVE_LINE_MAX;
	receive->reader.gives_up = true;
	/* The first bytes go to memory: that cannot fail. */
	(void)headers_begin(&receive->headers, stamp, complete, mail_spool_add,
	    spool);
}

struct reply
receive_end(struct receive *receive)
{
	int end = headers_end(&receive->headers);
	int hops = receive->headers.received;

	headers_clear(&receive->headers);
	if (receive->reader.fault != DATA_FINE)
		return data_reader_reply(&receive->reader);
	if (end == -1)
		return reply(452, "4.3.1 Insufficient system storage");
	if (hops > RECEIVE_HOPS_MAX)
		return reply(554,
		    "5.4.6 Error: too many hops: %d Received fields", hops);
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
