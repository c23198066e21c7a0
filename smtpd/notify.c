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

/* Fills ACTIONS; returns how many of them are not REPORT_NONE. */
static size_t
collect_debts(const struct config *config, const struct queue_entry *entry,
    enum report_action *actions)
{
	bool late =
	    report_is_late(entry, patience_of(config).notice, time(NULL));
	size_t count = 0;

	for (size_t i = 0; i < entry->recipient_count; i++) {
		actions[i] = report_owed(entry, i, late);
		count += actions[i] != REPORT_NONE;
	}
	return count;
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
find_way(const char *sender, struct queue_entry *report)
{
	struct way way = { directory_open(false), report, false };
	enum lookup found = LOOKUP_NO;
	struct address address;

	if (way.directory == NULL)
		return LOOKUP_ERROR;
	if (!address_parse(sender, &address)) {
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

/* Makes the report about ACTIONS.  LOOKUP_NO: there is no way to him. */
static enum lookup
tell(const struct config *config, int queue, const struct queue_entry *entry,
    const enum report_action *actions)
{
	char id[QUEUE_ID_SIZE];
	struct report report = {
		.config = config,
		.about = entry,
		.actions = actions,
		.id = id,
		.when = time(NULL),
		.until = entry->arrived + patience_of(config).lifetime,
		.message_fd = queue_open_message(queue, entry->id),
	};
	char *parameters = report_parameters(&report);
	struct queue_entry envelope;
	enum lookup found;

	queue_new_id(id);
	queue_entry_init(&envelope, id,
	    &(struct queue_origin){
		.sender = "",
		.parameters = parameters,
		.peer = "",
		.uid = "",
		.helo = "",
		.login = "",
		.protocol = "",
	    });
	found = find_way(entry->sender, &envelope);
	if (found == LOOKUP_YES && post(&report, &envelope) == -1)
		found = LOOKUP_ERROR;
	if (found == LOOKUP_YES)
		log_event(LOG_INFO, "report", "%s report=%s",
		    envelope_log(entry), id);
	if (report.message_fd != -1)
		close(report.message_fd);
	queue_entry_clear(&envelope);
	free(parameters);
	return found;
}

int
notify_sender(const struct config *config, int queue, struct queue_entry *entry,
    int env_fd)
{
	enum report_action *actions =
	    xcalloc(entry->recipient_count, sizeof(*actions));
	enum lookup told = LOOKUP_YES;
	int rc = 0;

	if (collect_debts(config, entry, actions) > 0) {
		told = tell(config, queue, entry, actions);
		for (size_t i = 0; i < entry->recipient_count; i++)
			if (actions[i] != REPORT_NONE)
				entry->recipients[i].reported |= 1U
				    << (told == LOOKUP_YES ? actions[i]
							   : REPORT_NONE);
		if (told == LOOKUP_NO)
			log_event(LOG_WARN, "unreported",
			    "%s what=\"no way to the sender\"",
			    envelope_log(entry));
		rc = told == LOOKUP_ERROR ? -1 : queue_told(env_fd, entry);
	}
	free(actions);
	return rc;
}
