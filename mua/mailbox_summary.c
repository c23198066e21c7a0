/*
 * mailbox_summary.c - what the list shows of a message, taken from its words.
 *
 * Ids are kept as hashes: they are only compared, and a thread of a hundred
 * answers names a hundred of them in each.
 */
#include "mua/mailbox_private.h"

#include <string.h>
#include <unistd.h>

/* FNV-1a, 64 bits (www.isthe.com/chongo/tech/comp/fnv); never 0. */
static uint64_t
hash_bytes(const char *bytes, size_t size)
{
	uint64_t hash = 0xcbf29ce484222325;

	for (size_t i = 0; i < size; i++) {
		hash ^= (unsigned char)bytes[i];
		hash *= 0x100000001b3;
	}
	return hash == 0 ? 1 : hash;
}

static uint64_t
hash_id(const char *id)
{
	return *id == '\0' ? 0 : hash_bytes(id, strlen(id));
}

/*
 * RFC 5256 3 (REFERENCES): the ids of References, or else the first one of
 * In-Reply-To.
 */
static const uint64_t *
hash_ancestors(struct arena *arena, const char *references,
    const char *in_reply_to)
{
	static const uint64_t none[1] = { 0 };
	const char *ids = *references != '\0' ? references : in_reply_to;
	size_t end = strlen(ids);
	size_t count = 1;
	uint64_t *hashes;

	if (end == 0)
		return none;
	for (const char *at = ids; *at != '\0'; at++)
		count += *at == ' ';
	hashes = arena_alloc(arena, (count + 1) * sizeof(*hashes));
	count = 0;
	while (end > 0) {
		size_t start = end;

		while (start > 0 && ids[start - 1] != ' ')
			start--;
		if (start < end)
			hashes[count++] = hash_bytes(ids + start, end - start);
		end = start > 0 ? start - 1 : 0;
	}
	hashes[count] = 0;
	return hashes;
}

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
	entry->id = hash_id(words->message_id);
	entry->ancestors =
	    hash_ancestors(arena, words->references, words->in_reply_to);
}

/* Takes the words from the message itself. */
static void
summarise_message(struct mailbox *mailbox, size_t i)
{
	struct mailbox_words words = { "", "", "(this message is gone)", "", "",
		"", 0, 0 };
	struct summary summary = { 0 };
	int fd = mailbox_message_fd(mailbox, i);

	if (fd != -1) {
		summary_read(fd, &summary);
		close(fd);
		words = (struct mailbox_words){
			.from = summary.from,
			.to = summary.to,
			.subject = summary.subject,
			.message_id = summary.message_id,
			.in_reply_to = summary.in_reply_to,
			.references = summary.references,
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
