/*
 * tls_keylog.c - the secrets of TLS sessions, for Wireshark.
 *
 *   LABEL SP client-random SP secret LF, both in hexadecimal
 *
 * The file is open before the sandbox and only appended to, a line a write, so
 * the workers need no right to it and their lines never mix.
 */
#include "common/tls.h"

#include "common/tls_private.h"

#include <fcntl.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/log.h"

static int keylog = -1;

static void
add_hex(struct buf *to, const gnutls_datum_t *data)
{
	for (unsigned i = 0; i < data->size; i++)
		buf_printf(to, "%02x", data->data[i]);
}

/* 0 in any case: a session does not fail because its secret is not told. */
static int
write_secret(gnutls_session_t session, const char *label,
    const gnutls_datum_t *secret)
{
	struct buf line = BUF_INIT;
	gnutls_datum_t client;
	gnutls_datum_t server;

	gnutls_session_get_random(session, &client, &server);
	buf_printf(&line, "%s ", label);
	add_hex(&line, &client);
	buf_addchar(&line, ' ');
	add_hex(&line, secret);
	buf_addchar(&line, '\n');
	if (write_all(keylog, line.data, line.size) == -1)
		log_errno("write the TLS key log");
	buf_clear(&line);
	return 0;
}

int
tls_keylog_open(const char *file)
{
	keylog = open(file,
	    O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	return keylog == -1 ? log_errno("open %s", file) : 0;
}

void
tls_keylog_attach(gnutls_session_t session)
{
	if (keylog != -1)
		gnutls_session_set_keylog_function(session, write_secret);
}
