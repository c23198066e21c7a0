/*
 * judge_helper.c - the process that judges: libopendkim, libspf2, libopendmarc
 * and DNS, without files, a child a message.
 */
#include "smtpd/judge.h"

#include <stdlib.h>
#include <string.h>

#include "common/desk.h"
#include "common/dns.h"
#include "common/log.h"
#include "common/sandbox.h"
#include "smtpd/bounded_dns.h"
#include "smtpd/dkim_check.h"
#include "smtpd/dmarc_check.h"
#include "smtpd/findings.h"
#include "smtpd/spf_check.h"

enum {
	MEBIBYTE = 1 << 20,
	AT_ONCE = 50,
	QUESTIONS_MAX = 80, /* to DNS, about one message */
};

/* clang-format off */
static const struct sandbox_path nothing[] = {
	{ NULL, 0, NULL },
};
static const struct sandbox listening = {
	.role = "judge",
	.paths = nothing,
	.calls = SB_CALL_READ | SB_CALL_ACCEPT | SB_CALL_FORK |
	    SB_CALL_INET | SB_CALL_BIND, /* its children's */
	.memory = 512 * MEBIBYTE,
	.files = 128,
};
static const struct sandbox answering = {
	.role = "judge",
	.paths = nothing,
	.calls = SB_CALL_READ | SB_CALL_INET | SB_CALL_BIND, /* DNS */
	.memory = 256 * MEBIBYTE,
	.files = 64,
};
/* clang-format on */

struct judge {
	const struct config *config;
	struct dkim_lib *dkim;
	struct dns *dns;
};

/* Cuts the next line off *TEXT; "" behind the last. */
static const char *
next_line(char **text)
{
	char *line = *text;
	size_t length = strcspn(line, "\n");

	*text = line[length] == '\0' ? line + length : line + length + 1;
	line[length] = '\0';
	return line;
}

/* QUESTION: the lines ADDRESS, HELO, SENDER. */
static int
answer(void *arg, const char *question, int message_fd, struct buf *to)
{
	const struct judge *judge = arg;
	char *copy = xstrdup(question);
	char *rest = copy;
	struct spf_client client = { .hostname = judge->config->hostname };
	struct findings *findings = xcalloc(1, sizeof(*findings));
	struct bounded_dns dns = bounded_dns_begin(judge->dns, QUESTIONS_MAX,
	    (judge->config->authenticity_timeout + 1) / 2);
	int rc;

	client.address = next_line(&rest);
	client.helo = next_line(&rest);
	client.sender = next_line(&rest);
	rc = dkim_check(judge->dkim, &dns, message_fd, findings);
	if (rc == 0) {
		spf_check(&dns, &client, &findings->spf);
		dmarc_check(&dns, findings);
		findings_summarize(findings, to);
		buf_addchar(to, '\n');
		findings_write(findings, to);
	}
	free(findings);
	free(copy);
	return rc;
}

int
judge_helper_run(const struct config *config, int channel)
{
	/* One question takes a part of the time, so that others get some. */
	struct config own = *config;
	struct judge judge = { .config = config };
	struct desk desk = {
		.program = "smtpd",
		.role = "judge",
		.sandbox = &listening,
		.answering = &answering,
		.most = AT_ONCE,
		.seconds = config->authenticity_timeout + 1,
		.answer = answer,
		.arg = &judge,
	};

	if (own.dns_timeout > (config->authenticity_timeout + 3) / 4)
		own.dns_timeout = (config->authenticity_timeout + 3) / 4;
	judge.dns = dns_open(&own);
	judge.dkim = dkim_check_open();
	dmarc_check_open();
	return judge.dkim == NULL ? EXIT_FAILURE : desk_run(&desk, channel);
}
