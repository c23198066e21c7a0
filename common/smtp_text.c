/* smtp_text.c - the text of a message onto the wire. */
#include "common/smtp_text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/buf.h"
#include "common/conn.h"
#include "common/data_writer.h"

enum { SLOWEST = 1024 /* octets a second */ };

/* The header is whole lines, so nothing is left over for what follows. */
static int
write_message(struct data_writer *writer, const struct smtp_transaction *t)
{
	if (t->header != NULL) {
		char *text = xstrdup(t->header);

		data_write(writer, text, strlen(text));
		free(text);
	}
	return data_copy_fd(writer, t->fd);
}

static int
write_chunk(struct conn *conn, const struct smtp_transaction *t)
{
	struct data_writer measured = { .chunked = true };
	struct data_writer writer = { .conn = conn, .chunked = true };

	if (write_message(&measured, t) == -1)
		return -1;
	conn_putline(conn, "BDAT %lld LAST", (long long)measured.size);
	if (write_message(&writer, t) == -1)
		return -1;
	errno = EIO; /* it is shorter now, or longer */
	return writer.size == measured.size || conn_error(conn) != NULL ? 0
									: -1;
}

static int
write_data(struct conn *conn, const struct smtp_transaction *t)
{
	struct data_writer writer = { .conn = conn };

	if (write_message(&writer, t) == -1)
		return -1;
	data_finish(&writer);
	return 0;
}

int
smtp_text_write(struct conn *conn, const struct smtp_transaction *t,
    bool chunked)
{
	struct stat st = { .st_size = 0 };
	int64_t deadline;
	int rc;

	(void)fstat(t->fd, &st);
	deadline = conn_hurry(conn, st.st_size / SLOWEST);
	rc = chunked ? write_chunk(conn, t) : write_data(conn, t);
	if (rc == 0)
		(void)conn_flush(conn);
	conn_relax(conn, deadline);
	return rc;
}
