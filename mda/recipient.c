/*
 * recipient.c - asks the directory, the mailbox first, then what leads to it.
 */
#include "mda/recipient.h"

static struct directory *directory;

/* Where an address leads; only a single place is of use here. */
struct destination {
	struct address address;
	size_t count;
};

int
recipient_open_directory(void)
{
	if (directory == NULL)
		directory = directory_open(false);
	return directory == NULL ? -1 : 0;
}

void
recipient_close_directory(void)
{
	directory_close(directory);
	directory = NULL;
}

static void
note_destination(void *arg, const struct address *final)
{
	struct destination *destination = arg;

	destination->address = *final;
	destination->count++;
}

static enum lookup
look_up(const struct address *address, struct mailbox *mailbox_out)
{
	struct destination destination = { .count = 0 };
	enum lookup found = directory_mailbox(directory, address, mailbox_out);

	if (found != LOOKUP_NO)
		return found;
	found = directory_resolve(directory, address, note_destination,
	    &destination);
	if (found != LOOKUP_YES)
		return found;
	if (destination.count != 1)
		return LOOKUP_NO;
	return directory_mailbox(directory, &destination.address, mailbox_out);
}

struct reply
recipient_mailbox(const struct address *address, struct mailbox *mailbox_out)
{
	char text[ADDRESS_TEXT_MAX];

	address_format(address, text, sizeof(text));
	if (recipient_open_directory() == -1)
		return reply(451, "4.3.0 <%s> No account data now", text);
	switch (look_up(address, mailbox_out)) {
	case LOOKUP_YES:
		return reply(250, "2.1.5 <%s> Ok", text);
	case LOOKUP_NO:
		return reply(550, "5.1.1 <%s> No such mailbox here", text);
	case LOOKUP_ERROR:
		break;
	}
	return reply(451, "4.3.0 <%s> No account data now", text);
}
