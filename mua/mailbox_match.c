/*
 * mailbox_match.c - asks the index, or goes through the messages one by one.
 */
#include "mua/mailbox_match.h"

#include "mua/mailbox_rows.h"

#include <string.h>

struct match {
	const struct mailbox *mailbox;
	bool *matches;
};

static int
note_uid(void *arg, int64_t uid)
{
	const struct match *match = arg;
	const struct mailbox_entry *entry = mailbox_by_uid(match->mailbox, uid);

	if (entry != NULL) /* else it has come since the list was loaded */
		match->matches[entry - match->mailbox->entries] = true;
	return 0;
}

/* By what the list shows of each message. */
static void
match_headers(struct mailbox *mailbox, const struct query *query, bool *matches)
{
	for (size_t i = 0; i < mailbox->count; i++) {
		const struct mailbox_entry *entry = mailbox_entry(mailbox, i);
		char flags[MAILDIR_FLAGS_MAX + 1];
		struct index_entry described = {
			.name = entry->name,
			.in_new = entry->in_new,
			.octets = entry->octets,
			.received = entry->received,
			.date = entry->date,
			.flags = flags,
			.from = entry->from,
			.to = entry->to,
			.subject = entry->subject,
			.message_id = "",
			.in_reply_to = "",
			.references = "",
			.attachments = entry->attachments,
		};

		mailbox_name_flags(entry->flags, flags);
		matches[i] = query_match(query, &described);
	}
}

size_t
mailbox_match(struct mailbox *mailbox, const struct query *query,
    bool *matches_out)
{
	struct match match = { mailbox, matches_out };
	size_t count = 0;

	memset(matches_out, query == NULL, mailbox->count);
	if (query != NULL &&
	    (mailbox->index == NULL ||
		index_search(mailbox->index, query, note_uid, &match) != 0))
		match_headers(mailbox, query, matches_out);
	for (size_t i = 0; i < mailbox->count; i++)
		count += matches_out[i];
	return count;
}

void
mailbox_limit(struct mailbox *mailbox, const bool *matches)
{
	for (size_t i = 0; i < mailbox->count; i++)
		mailbox->entries[i].limited = matches != NULL && !matches[i];
	mailbox_arrange(mailbox);
}
