/*
 * mailbox_load.c - fills the model: from the index, or without it.
 *
 * A reload makes the list anew and takes over the marks by the base of the
 * names, which is all that stays the same when other programs work on the same
 * Maildir.
 */
#include "mua/mailbox_private.h"
#include "mua/mailbox_rows.h"

#include "maildir/listing.h"
#include "maildir/maildir_name.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { DOUBT_SECONDS = 30 /* until it is loaded again on suspicion */ };

/* The list while it is made. */
struct loader {
	struct arena arena;
	struct mailbox_entry *entries;
	size_t count;
	size_t room;
};

static struct mailbox_entry *
add_entry(struct loader *loader, const char *name, const char *flags)
{
	struct mailbox_entry *entry;

	if (loader->count == loader->room) {
		loader->room = loader->room == 0 ? 256 : 2 * loader->room;
		loader->entries = xrealloc(loader->entries,
		    loader->room * sizeof(*loader->entries));
	}
	entry = &loader->entries[loader->count++];
	*entry = (struct mailbox_entry){
		.name = arena_string(&loader->arena, name),
		.flags = mailbox_flags(flags),
	};
	entry->deleted = mailbox_has_flag(entry, 'T');
	return entry;
}

static void
clear_loader(struct loader *loader)
{
	arena_clear(&loader->arena);
	free(loader->entries);
	*loader = (struct loader){ 0 };
}

static int
add_indexed(void *arg, const struct index_entry *indexed)
{
	struct loader *loader = arg;
	struct mailbox_entry *entry =
	    add_entry(loader, indexed->name, indexed->flags);
	const struct mailbox_words words = {
		.from = indexed->from,
		.to = indexed->to,
		.subject = indexed->subject,
		.date = indexed->date,
		.attachments = indexed->attachments,
	};

	entry->uid = indexed->uid;
	entry->thread = indexed->thread;
	entry->parent = indexed->parent;
	entry->refers =
	    *indexed->in_reply_to != '\0' || *indexed->references != '\0';
	entry->in_new = indexed->in_new;
	entry->octets = indexed->octets;
	entry->received = indexed->received;
	mailbox_summarise(&loader->arena, entry, &words);
	return 0;
}

/* Without an index: the names only, and the seconds they begin with. */
static int
load_names(struct mailbox *mailbox, struct loader *loader)
{
	struct listing listing;

	if (listing_load(&mailbox->maildir, NULL, &listing) == -1)
		return -1;
	for (size_t i = 0; i < listing.count; i++) {
		const struct listing_entry *listed = &listing.entries[i];
		struct maildir_name parsed;
		struct mailbox_entry *entry;

		maildir_parse_name(listed->name, &parsed);
		entry = add_entry(loader, listed->name, parsed.flags);
		entry->uid = (int64_t)i + 1;
		entry->in_new = listed->in_new;
		entry->octets = listed->octets;
		entry->received = maildir_name_time(listed->name);
	}
	listing_clear(&listing);
	return 0;
}

static int
load_file(struct mailbox *mailbox, struct loader *loader)
{
	struct stat st;
	struct mailbox_entry *entry;

	if (stat(mailbox->path, &st) == -1)
		return -1;
	entry = add_entry(loader, mailbox->path, "");
	entry->uid = 1;
	entry->octets = st.st_size;
	entry->received = st.st_mtime;
	return 0;
}

static int
load_entries(struct mailbox *mailbox, struct loader *loader)
{
	mailbox->whole = false;
	if (mailbox->is_file)
		return load_file(mailbox, loader);
	if (mailbox->index != NULL &&
	    index_sync(mailbox->index, &mailbox->maildir) == 0 &&
	    index_list(mailbox->index, add_indexed, loader) == 0) {
		mailbox->whole = true;
		return 0;
	}
	clear_loader(loader);
	return load_names(mailbox, loader);
}

static int
compare_bases(const void *a, const void *b)
{
	const struct mailbox_entry *first = *(struct mailbox_entry *const *)a;
	const struct mailbox_entry *second = *(struct mailbox_entry *const *)b;

	return maildir_name_compare(first->name, second->name);
}

/* The entries of MAILBOX sorted by base. */
static struct mailbox_entry **
sort_entries(struct mailbox *mailbox)
{
	struct mailbox_entry **sorted =
	    xcalloc(mailbox->count + 1, sizeof(struct mailbox_entry *));

	for (size_t i = 0; i < mailbox->count; i++)
		sorted[i] = &mailbox->entries[i];
	qsort(sorted, mailbox->count, sizeof(struct mailbox_entry *),
	    compare_bases);
	return sorted;
}

static void
carry_marks(struct mailbox_entry *to, const struct mailbox_entry *from)
{
	to->deleted = from->deleted;
	to->tagged = from->tagged;
	to->limited = from->limited;
	to->collapsed = from->collapsed;
}

/*
 * Carries marks and the current message over to the new list.  When the
 * current one is gone, the next that is left takes its place.
 */
static void
carry_over(struct mailbox *mailbox, struct loader *loader)
{
	struct mailbox_entry **sorted = sort_entries(mailbox);
	size_t current = 0;

	for (size_t i = 0; i < loader->count; i++) {
		struct mailbox_entry *entry = &loader->entries[i];
		struct mailbox_entry **found =
		    bsearch(&entry, sorted, mailbox->count,
			sizeof(struct mailbox_entry *), compare_bases);
		size_t old;

		if (found == NULL) {
			entry->fresh = true;
			mailbox->arrivals++;
			continue;
		}
		carry_marks(entry, *found);
		old = (size_t)(*found - mailbox->entries);
		if (old < mailbox->current)
			current = i + 1;
		else if (old == mailbox->current)
			current = i;
	}
	mailbox->current = current;
	free(sorted);
}

/* Where a reader begins: the first unread message, else the last. */
static size_t
first_to_read(const struct loader *loader)
{
	for (size_t i = 0; i < loader->count; i++)
		if (!mailbox_has_flag(&loader->entries[i], 'S'))
			return i;
	return loader->count > 0 ? loader->count - 1 : 0;
}

void
mailbox_note_times(struct mailbox *mailbox)
{
	mailbox->seen = folder_times_read(&mailbox->maildir);
	mailbox->doubtful =
	    !folder_times_same(folder_times_settled(mailbox->seen),
		mailbox->seen);
}

int
mailbox_load(struct mailbox *mailbox)
{
	struct loader loader = { 0 };

	if (!mailbox->is_file)
		mailbox_note_times(mailbox);
	if (load_entries(mailbox, &loader) == -1) {
		clear_loader(&loader);
		return -1;
	}
	if (mailbox->loaded == 0)
		mailbox->current = first_to_read(&loader);
	else
		carry_over(mailbox, &loader);
	free(mailbox->entries);
	arena_clear(&mailbox->arena);
	mailbox->entries = loader.entries;
	mailbox->arena = loader.arena;
	mailbox->count = loader.count;
	if (mailbox->count > 0 && mailbox->current >= mailbox->count)
		mailbox->current = mailbox->count - 1;
	mailbox_arrange(mailbox);
	mailbox->loaded = time(NULL);
	return 0;
}

bool
mailbox_changed(const struct mailbox *mailbox)
{
	if (mailbox->is_file)
		return false;
	if (mailbox->doubtful && time(NULL) - mailbox->loaded >= DOUBT_SECONDS)
		return true;
	return !folder_times_same(mailbox->seen,
	    folder_times_read(&mailbox->maildir));
}
