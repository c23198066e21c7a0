/*
 * mailbox_summary.c - what the list shows of a message, taken from its words.
 */
#include "mua/mailbox_private.h"

#include <unistd.h>

void
mailbox_summarise(struct arena *arena, struct mailbox_entry *entry,
    const struct mailbox_words *words)
{
	entry->summarised = true;
	entry->from = arena_string(arena, words->from);
	entry->to = arena_string(arena, words->to);
	entry->subject = arena_string(arena, words->subject);
	entry->date = words->date != 0 ? words->date : entry->received;
	entry->attachments = words->attachments;
}

/* Takes the words from the message itself. */
static void
summarise_message(struct mailbox *mailbox, size_t i)
{
	struct mailbox_words words = { "", "", "(this message is gone)", 0, 0 };
	struct summary summary = { 0 };
	int fd = mailbox_message_fd(mailbox, i);

	if (fd != -1) {
		summary_read(fd, &summary);
		close(fd);
		words = (struct mailbox_words){
			.from = summary.from,
			.to = summary.to,
			.subject = summary.subject,
			.date = summary.date,
			.attachments = summary.attachments,
		};
	}
	mailbox_summarise(&mailbox->arena, &mailbox->entries[i], &words);
	summary_clear(&summary);
}

const struct mailbox_entry *
mailbox_entry(struct mailbox *mailbox, size_t i)
{
	if (!mailbox->entries[i].summarised)
		summarise_message(mailbox, i);
	return &mailbox->entries[i];
}
