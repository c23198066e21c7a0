/* record.c - lines about messages, several of them in one. */
#include "pop3d/record.h"

#include <string.h>

#include "common/buf.h"
#include "common/log.h"
#include "pop3d/maildrop.h"
#include "pop3d/session.h"

static void
write_line(struct session *session, const char *event)
{
	struct record *record = &session->record;
	struct buf files = BUF_INIT;

	if (record->count == 0)
		return;
	for (size_t i = 0; i < record->count; i++)
		buf_printf(&files, " file=%s", log_safe(record->files[i]));
	log_event(LOG_INFO, event, "user=%s peer=%s%s", log_safe(session->user),
	    log_safe(session->peer), files.data);
	buf_clear(&files);
	record->count = 0;
	record->written = time(NULL);
}

static void
add_file(struct session *session, const char *event, int i)
{
	struct record *record = &session->record;
	const struct listing *listing = &session->maildrop->listing;

	if (record->count == RECORD_FILES)
		write_line(session, event);
	listing_uidl(listing->entries[i].name, record->files[record->count],
	    LISTING_UIDL_SIZE);
	record->count++;
}

void
record_retrieved(struct session *session, int i)
{
	add_file(session, "retrieved", i);
	if (time(NULL) != session->record.written)
		write_line(session, "retrieved");
}

void
record_removed(struct session *session)
{
	const struct maildrop *maildrop = session->maildrop;

	record_end(session);
	for (size_t i = 0; i < maildrop->listing.count; i++)
		if (maildrop->deleted[i])
			add_file(session, "removed", (int)i);
	write_line(session, "removed");
}

void
record_end(struct session *session)
{
	write_line(session, "retrieved");
}
