/*
 * relay_auth.c - logging in to a smarthost: the password is read when it is
 * needed and forgotten at once.
 */
#include "smtpd/relay_auth.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "common/auth_client.h"
#include "common/buf.h"
#include "common/config.h"
#include "common/log.h"
#include "common/smtp_auth.h"
#include "common/smtp_client.h"
#include "smtpd/route.h"

enum { SECRET_MAX = 1024 };

void
relay_auth_prepare(const struct config *config)
{
	for (size_t i = 0; i < config->route_count; i++) {
		if (*config->routes[i].login != '\0') {
			auth_client_prepare();
			return;
		}
	}
}

/* Appends the first line of FILE to SECRET.  0, or -1 (logged). */
static int
read_secret(const char *file, struct buf *secret)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	int rc = fd == -1 ? -1 : buf_read(secret, fd, SECRET_MAX);

	if (rc != 0)
		log_errno("read %s", file);
	if (fd != -1)
		close(fd);
	return rc == 0 ? 0 : -1;
}

struct reply
relay_auth(struct smtp_client *client, const struct hop *hop, const char *where)
{
	struct auth_login login = { .name = hop->login };
	struct buf secret = BUF_INIT;
	struct reply r;

	if ((client->extensions & EXT_AUTH) == 0)
		return reply(451, "4.7.0 %s offers no AUTH", where);
	if (read_secret(hop->password_file, &secret) == -1) {
		buf_clear(&secret);
		return reply(451, "4.3.5 the password for %s cannot be read",
		    where);
	}
	login.password = secret.data;
	login.password_size = strcspn(secret.data, "\r\n");
	r = smtp_auth(client, hop->host, &login);
	explicit_bzero(secret.data, secret.size);
	buf_clear(&secret);
	if (r.code == 235)
		return reply(250, "2.7.0 Ok");
	return reply(451, "4.7.8 cannot log in to %s: %d %s", where, r.code,
	    r.text);
}
