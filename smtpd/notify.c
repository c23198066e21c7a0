/* notify.c - from what is owed to a message in the queue. */
#include "smtpd/notify.h"

#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "common/directory.h"
#include "common/log.h"
#include "smtpd/envelope.h"
#include "smtpd/report.h"
#include "smtpd/spool.h"

/* What is owed, to one person. */
struct debt {
	enum report_action *actions; /* one for each recipient */
	size_t count;                /* not REPORT_NONE */
	bool postmasters;            /* not the sender's */
};

/* What is owed to the sender goes first, the postmaster's then waits. */
static struct debt
collect_debts(const struct config *config, const struct queue_entry *entry)
{
	bool late =
	    report_is_late(entry, patience_of(config).notice, time(NULL));
	struct debt debt = { .postmasters = true };

	debt.actions = xcalloc(entry->recipient_count, sizeof(*debt.actions));
	for (size_t i = 0; i < entry->recipient_count; i++) {
		debt.actions[i] = report_owed(entry, i, late);
		if (debt.actions[i] != REPORT_NONE &&
		    debt.actions[i] != REPORT_POSTMASTER)
			debt.postmasters = false;
	}
	for (size_t i = 0; i < entry->recipient_count; i++) {
		if (!debt.postmasters && debt.actions[i] == REPORT_POSTMASTER)
			debt.actions[i] = REPORT_NONE;
		debt.count += debt.actions[i] != REPORT_NONE;
	}
	return debt;
}

/* Where the report goes: the way of any mail to that address. */
struct way {
	struct directory *directory;
	struct queue_entry *report;
	bool failed; /* the directory did not answer */
};

static void
add_final(void *arg, const struct address *final)
{
	struct way *way = arg;
	enum lookup ours = directory_has_domain(way->directory, final->domain);
	char text[ADDRESS_TEXT_MAX];

	if (ours == LOOKUP_ERROR)
		way->failed = true;
	queue_entry_add(way->report, address_format(final, text, sizeof(text)),
	    "")
	    ->local = ours == LOOKUP_YES;
}

/* LOOKUP_YES when REPORT got recipients, here or on another host. */
static enum lookup
find_way(const char *to, struct queue_entry *report)
{
	struct way way = { directory_open(false), report, false };
	enum lookup found = LOOKUP_NO;
	struct address address;

	if (way.directory == NULL)
		return LOOKUP_ERROR;
	if (!address_parse(to, &address)) {
		directory_close(way.directory);
		return LOOKUP_NO;
	}
	found = directory_has_domain(way.directory, address.domain);
	if (found == LOOKUP_YES) {
		found =
		    directory_resolve(way.directory, &address, add_final, &way);
	} else if (found == LOOKUP_NO) {
		add_final(&way, &address);
		found = LOOKUP_YES;
	}
	directory_close(way.directory);
	return way.failed ? LOOKUP_ERROR : found;
}

/* Puts the report into the queue.  0 or -1. */
static int
post(const struct report *report, struct queue_entry *envelope)
{
	int incoming =
	    open("queue/" QUEUE_INCOMING, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct mail_spool spool;
	char *message_id;
	int env_fd = -1;
	int rc = -1;

	if (incoming == -1)
		return log_errno("open queue/" QUEUE_INCOMING);
	message_id = report_message_id(report);
	queue_entry_identify(envelope, message_id);
	free(message_id);
	mail_spool_init(&spool, incoming);
	if (report_write(report, mail_spool_add, &spool) == 0 &&
	    mail_spool_fd(&spool) != -1)
		env_fd = queue_commit(incoming, envelope, spool.fd);
	if (env_fd != -1) {
		close(env_fd);
		rc = 0;
	}
	mail_spool_clear(&spool);
	close(incoming);
	return rc;
}

/* Makes the report about DEBT to TO.  LOOKUP_NO: there is no way to him. */
static enum lookup
tell(const struct delivery *delivery, const struct queue_entry *entry,
    const struct debt *debt, const char *to)
{
	const struct config *config = delivery->config;
	char id[QUEUE_ID_SIZE];
	struct report report = {
		.config = config,
		.about = entry,
		.to = to,
		.actions = debt->actions,
		.id = id,
		.when = time(NULL),
		.until = entry->arrived + patience_of(config).lifetime,
		.message_fd = queue_open_message(delivery->queue, entry->id),
	};
	char *parameters = report_parameters(&report);
	struct queue_entry envelope;
	enum lookup found;

	queue_new_id(id);
	queue_entry_init(&envelope, id,
	    &(struct queue_origin){
		.parameters = parameters,
		.protocol = debt->postmasters ? REPORT_DOUBLE_BOUNCE : "",
	    });
	found = find_way(to, &envelope);
	if (found == LOOKUP_YES && post(&report, &envelope) == -1)
		found = LOOKUP_ERROR;
	if (found == LOOKUP_YES)
		log_event(LOG_INFO, "report", "%s report=%s told=%s",
		    envelope_log(entry), id, log_safe(to));
	if (report.message_fd != -1)
		close(report.message_fd);
	queue_entry_clear(&envelope);
	free(parameters);
	return found;
}

static void
note(struct queue_entry *entry, const struct debt *debt, bool told)
{
	unsigned mark = debt->postmasters ? REPORT_NOBODY : REPORT_NONE;

	for (size_t i = 0; i < entry->recipient_count; i++)
		if (debt->actions[i] != REPORT_NONE)
			entry->recipients[i].reported |= 1U
			    << (told ? debt->actions[i] : mark);
	if (!told)
		log_event(LOG_WARN, "unreported",
		    "%s what=\"no way to the %s\"", envelope_log(entry),
		    debt->postmasters ? "postmaster" : "sender");
}

/* One report.  LOOKUP_NO: none is owed. */
static enum lookup
pay(const struct delivery *delivery, struct queue_entry *entry, int env_fd)
{
	struct debt debt = collect_debts(delivery->config, entry);
	enum lookup told = LOOKUP_NO;
	char *to;

	if (debt.count > 0) {
		to = debt.postmasters
		    ? xasprintf("postmaster@%s", delivery->config->domain)
		    : xstrdup(entry->sender);
		told = tell(delivery, entry, &debt, to);
		free(to);
		if (told != LOOKUP_ERROR) {
			note(entry, &debt, told == LOOKUP_YES);
			told = queue_told(env_fd, entry) == 0 ? LOOKUP_YES
							      : LOOKUP_ERROR;
		}
	}
	free(debt.actions);
	return told;
}

int
notify_owed(const struct delivery *delivery, struct queue_entry *entry,
    int env_fd)
{
	enum lookup told;

	do
		told = pay(delivery, entry, env_fd);
	while (told == LOOKUP_YES);
	return told == LOOKUP_NO ? 0 : -1;
}
