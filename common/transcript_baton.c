/* transcript_baton.c - both ends of the way to another process. */
#include "common/transcript_baton.h"

#include <string.h>

#include "common/conn.h"
#include "common/tls.h"
#include "common/transcript_link.h"
#include "common/transcript_private.h"

int
transcript_pass(struct transcript *t, struct transcript_baton *baton_out)
{
	const char *tls = tls_describe(t->conn);
	unsigned lost;
	int fd;

	transcript_hush(t);
	fd = transcript_link_release(t->link, &lost);
	memset(baton_out, 0, sizeof(*baton_out));
	*baton_out = (struct transcript_baton){
		.masks = t->masks,
		.masked = t->masked,
		.arrived = t->arrived,
		/*
		 * Behind TLS what was read and not taken comes as a read of its
		 * own there, though it was in the same packet.
		 */
		.reads = t->reads - (tls != NULL && conn_pending(t->conn) > 0),
		.writes = t->writes,
		.line = t->line,
		.command = t->command,
		.lost = lost,
	};
	if (tls != NULL)
		(void)copy_string(baton_out->tls, sizeof(baton_out->tls), tls);
	transcript_free(t);
	return fd;
}

struct transcript *
transcript_resume(struct conn *conn, const struct transcript_start *start,
    const struct transcript_baton *baton, int fd)
{
	struct transcript *t = transcript_make(conn, start);

	t->link = transcript_link_adopt(fd, baton->lost);
	t->masks = baton->masks;
	t->masked = baton->masked;
	t->arrived = baton->arrived;
	t->reads = baton->reads;
	t->writes = baton->writes;
	t->line = baton->line;
	t->command = baton->command;
	memcpy(t->tls, baton->tls, sizeof(t->tls));
	t->tls[sizeof(t->tls) - 1] = '\0';
	transcript_listen(t);
	transcript_set_mark(t);
	return t;
}
