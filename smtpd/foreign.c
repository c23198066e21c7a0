/* foreign.c - how other protocols begin. */
#include "smtpd/foreign.h"

#include <string.h>
#include <strings.h>

#include "common/buf.h"

static const char web[] = "this is a mail server, not a web server";
static const char tls[] = "TLS begins with STARTTLS on this port";
static const char other[] = "this is a mail server, and that is not SMTP";

/* clang-format off */
static const struct {
	const char *begins; /* in any case */
	bool word;          /* and that is all of the word */
	const char *why;
} talks[] = {
	{ "GET", true, web }, { "POST", true, web }, { "HEAD", true, web },
	{ "PUT", true, web }, { "DELETE", true, web }, { "PATCH", true, web },
	{ "OPTIONS", true, web }, { "CONNECT", true, web },
	{ "TRACE", true, web }, { "PRI", true, web },
	/* RFC 8446 5.1: a handshake record, and the version */
	{ "\x16\x03", false, tls },
	{ "SSH-", false, other },
};
/* clang-format on */

const char *
foreign_talk(const char *line)
{
	for (size_t i = 0; i < COUNT(talks); i++) {
		size_t length = strlen(talks[i].begins);

		if (strncasecmp(line, talks[i].begins, length) == 0 &&
		    (!talks[i].word || strchr(" \t", line[length]) != NULL))
			return talks[i].why;
	}
	return NULL;
}
