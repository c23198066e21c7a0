/*
 * kept.c - the envelope of a message as the mailbox's index has kept it.
 */
#include "mua/kept.h"

#include <stdlib.h>

static void
take(const struct delivery *delivery, struct kept_envelope *kept)
{
	struct {
		char **to;
		const char *from;
	} strings[] = {
		{ &kept->sender, delivery->sender },
		{ &kept->recipient, delivery->recipient },
		{ &kept->helo, delivery->helo },
		{ &kept->peer, delivery->peer },
		{ &kept->login, delivery->login },
		{ &kept->protocol, delivery->protocol },
		{ &kept->tls, delivery->tls },
		{ &kept->queue_id, delivery->queue_id },
	};

	for (size_t i = 0; i < COUNT(strings); i++) {
		free(*strings[i].to);
		*strings[i].to =
		    xstrdup(strings[i].from == NULL ? "" : strings[i].from);
	}
	/* A message that came by another way has a row and no envelope. */
	kept->known = *kept->recipient != '\0' || *kept->queue_id != '\0';
}

static int
look(void *arg, const struct index_entry *entry)
{
	take(&entry->delivery, arg);
	return 1;
}

void
kept_find(struct mailbox *mailbox, size_t i, struct kept_envelope *kept_out)
{
	static const struct delivery nothing = { .sender = "" };

	*kept_out = (struct kept_envelope){ 0 };
	take(&nothing, kept_out);
	if (mailbox->index != NULL)
		index_find(mailbox->index, mailbox->entries[i].name, look,
		    kept_out);
}

void
kept_clear(struct kept_envelope *kept)
{
	free(kept->sender);
	free(kept->recipient);
	free(kept->helo);
	free(kept->peer);
	free(kept->login);
	free(kept->protocol);
	free(kept->tls);
	free(kept->queue_id);
	*kept = (struct kept_envelope){ 0 };
}
