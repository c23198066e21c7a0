/*
 * mailbox_summary.c - what the list shows of a message, taken from its words.
 */
#include "maildir/threads.h"
#include "mua/mailbox_private.h"
#include "mua/mailbox_rows.h"

#include <unistd.h>

enum { STEP_MESSAGES = 64 };

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

/* What the message itself says; SUMMARY is to be cleared. */
static void
read_message(struct mailbox *mailbox, size_t i, struct summary *summary)
{
	struct mailbox_entry *entry = &mailbox->entries[i];
	struct mailbox_words words = { "", "", "(this message is gone)", 0, 0 };
	int fd = mailbox_message_fd(mailbox, i);

	*summary = (struct summary){ 0 };
	if (fd != -1) {
		summary_read(fd, summary);
		close(fd);
		words = (struct mailbox_words){
			.from = summary->from,
			.to = summary->to,
			.subject = summary->subject,
			.date = summary->date,
			.attachments = summary->attachments,
		};
	}
	if (!entry->summarised)
		mailbox_summarise(&mailbox->arena, entry, &words);
}

const struct mailbox_entry *
mailbox_entry(struct mailbox *mailbox, size_t i)
{
	struct summary summary;

	if (!mailbox->entries[i].summarised) {
		read_message(mailbox, i, &summary);
		summary_clear(&summary);
	}
	return &mailbox->entries[i];
}

static const char *
text_or_nothing(const char *text)
{
	return text == NULL ? "" : text;
}

static void
add_to_threads(struct mailbox *mailbox, size_t i, struct threads *threads)
{
	struct mailbox_entry *entry = &mailbox->entries[i];
	struct summary summary;

	read_message(mailbox, i, &summary);
	entry->refers = *text_or_nothing(summary.in_reply_to) != '\0' ||
	    *text_or_nothing(summary.references) != '\0';
	threads_add(threads,
	    &(const struct threads_message){
		.uid = entry->uid,
		.message_id = text_or_nothing(summary.message_id),
		.in_reply_to = text_or_nothing(summary.in_reply_to),
		.references = text_or_nothing(summary.references),
		.subject = entry->subject,
	    });
	summary_clear(&summary);
}

bool
mailbox_read_all(struct mailbox *mailbox, mailbox_step *step, void *arg)
{
	struct threads *threads;
	bool finished = true;

	if (mailbox->whole)
		return true;
	threads = threads_new();
	for (size_t i = 0; i < mailbox->count && finished; i++) {
		if (i % STEP_MESSAGES == 0 && step != NULL)
			finished = step(arg, i, mailbox->count);
		add_to_threads(mailbox, i, threads);
	}
	if (finished)
		threads_settle(threads);
	for (size_t i = 0; i < mailbox->count && finished; i++) {
		struct threads_place place = threads_place(threads, i);

		mailbox->entries[i].thread = place.thread;
		mailbox->entries[i].parent = place.parent;
	}
	mailbox->whole = finished;
	threads_free(threads);
	return finished;
}
