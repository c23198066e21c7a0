/*
 * smtp_path.c - MAIL and RCPT, without the parameters that a server would not
 * understand.
 */
#include "common/smtp_path.h"

#include <string.h>
#include <strings.h>

#include "common/buf.h"
#include "common/conn.h"

/* Which extension a parameter of MAIL or RCPT belongs to. */
static const struct {
	const char *name;
	unsigned extensions; /* any of them */
} parameters[] = {
	/* clang-format off */
	{ "SIZE=",   EXT_SIZE },
	{ "BODY=",   EXT_8BITMIME },
	{ "RET=",    EXT_DSN },
	{ "ENVID=",  EXT_DSN },
	{ "NOTIFY=", EXT_DSN },
	{ "ORCPT=",  EXT_DSN | EXT_ORCPT },
	{ "SMTPUTF8", EXT_SMTPUTF8 },
	/* clang-format on */
};

static bool
is_offered(const struct smtp_client *client, const char *parameter)
{
	for (size_t i = 0; i < COUNT(parameters); i++) {
		const char *name = parameters[i].name;

		if (strncasecmp(parameter, name, strlen(name)) == 0)
			return (client->extensions &
				   parameters[i].extensions) != 0;
	}
	return true;
}

void
smtp_path_put(struct smtp_client *client, const char *verb, const char *address,
    const char *given)
{
	struct buf line = BUF_INIT;

	buf_printf(&line, "%s:<%s>", verb, address);
	while (*given != '\0') {
		size_t size = strcspn(given, " ");

		if (size > 0 && is_offered(client, given))
			buf_printf(&line, " %.*s", (int)size, given);
		given += size;
		given += strspn(given, " ");
	}
	conn_putline(client->conn, "%s", line.data);
	buf_clear(&line);
}
