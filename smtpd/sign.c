/*
 * sign.c - who is asked for a signature, and who answers.
 *
 * A domain without a folder below dkim/ costs a look at its name.
 */
#include "smtpd/sign.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/desk.h"
#include "common/dkim_store.h"
#include "common/log.h"
#include "common/sandbox.h"
#include "smtpd/dkim_sign.h"
#include "smtpd/envelope.h"
#include "smtpd/queue.h"

enum { MEBIBYTE = 1 << 20, AT_ONCE = 8, PATIENCE = 30 /* seconds */ };

static const char role[] = "sign";

/* clang-format off */
static const struct sandbox_path paths[] = {
	{ DKIM_STORE, SB_READ, "the private keys" },
	{ NULL, 0, NULL },
};
static const struct sandbox listening = {
	.role = "sign",
	.paths = paths,
	.calls = SB_CALL_READ | SB_CALL_ACCEPT | SB_CALL_FORK | SB_CALL_LIST,
	.memory = 512 * MEBIBYTE,
	.files = 64,
};
static const struct sandbox answering = {
	.role = "sign",
	.paths = paths,
	.calls = SB_CALL_READ | SB_CALL_LIST,
	.memory = 512 * MEBIBYTE,
	.files = 64,
};
/* clang-format on */

/* QUESTION is DOMAIN AUTHOR: whose keys, and whose mail. */
static int
answer(void *arg, const char *question, int message_fd, struct buf *to)
{
	const char *author = strchr(question, ' ');
	char domain[DOMAIN_MAX + 1] = "";
	size_t size = author == NULL ? 0 : (size_t)(author - question);

	if (size == 0 || size > DOMAIN_MAX)
		return -1;
	memcpy(domain, question, size);
	/* An answer of nothing would be none. */
	buf_addchar(to, '\n');
	return dkim_sign_message(arg, domain, author + 1, message_fd, to);
}

int
sign_helper_run(const struct config *config, int channel)
{
	struct desk desk = {
		.program = "smtpd",
		.role = role,
		.sandbox = &listening,
		.answering = &answering,
		.most = AT_ONCE,
		.seconds = PATIENCE,
		.answer = answer,
		.arg = dkim_sign_open(),
	};

	(void)config;
	return desk.arg == NULL ? EXIT_FAILURE : desk_run(&desk, channel);
}

/* Whether NAME is DOMAIN or below it. */
static bool
is_within(const char *name, const char *domain)
{
	size_t size = strlen(name);
	size_t tail = strlen(domain);

	return size >= tail && strcasecmp(name + size - tail, domain) == 0 &&
	    (size == tail || name[size - tail - 1] == '.');
}

/*
 * Whose key signs and what domain the author must be of: the sender's; our own
 * report is from the host.  False when nobody's.
 */
static bool
find_key(const struct config *config, const struct queue_entry *entry,
    const char **domain, const char **author)
{
	const char *at = strrchr(entry->sender, '@');

	if (*entry->sender == '\0' && *entry->peer == '\0') {
		*author = config->hostname;
		*domain = dkim_store_knows(*author) ? *author : config->domain;
		return is_within(*author, *domain) && dkim_store_knows(*domain);
	}
	if (at == NULL || *entry->login == '\0')
		return false;
	*domain = *author = at + 1;
	return dkim_store_knows(*domain);
}

int
sign_message(const struct config *config, const struct queue_entry *entry,
    int fd, struct buf *to)
{
	const char *domain;
	const char *author;
	struct buf text = BUF_INIT;
	char *question;
	int rc = -1;

	if (!find_key(config, entry, &domain, &author))
		return 0;
	question = xasprintf("%s %s", domain, author);
	if (desk_ask("smtpd", role, question, fd, PATIENCE, &text) == 0) {
		buf_drop(&text, 1);
		buf_add(to, text.data, text.size);
		rc = 0;
	} else {
		log_event(LOG_WARN, "not-signed", "%s domain=%s why=%s",
		    envelope_log(entry), log_safe(domain),
		    log_safe(strerrordesc_np(errno)));
	}
	free(question);
	buf_clear(&text);
	return rc;
}
