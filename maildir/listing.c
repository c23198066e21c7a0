/*
 * listing.c - a snapshot of a mailbox, with or without an index.
 */
#include "maildir/listing.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "common/mem.h"
#include "maildir/maildir_name.h"

enum { UIDL_MAX = 70 /* RFC 1939 7 */, SHA256_SIZE = 32 };

/* An entry, its name of its own, and what its place in the order depends on. */
struct found {
	struct listing_entry entry;
	char *name;
	int64_t arrival;
};

/* A listing that grows. */
struct loader {
	const struct maildir *maildir;
	struct found *found;
	size_t count;
	size_t room;
	bool blind; /* a file could not be read, and may be another time */
};

static struct found *
add_found(struct loader *loader, bool in_new, const char *name)
{
	if (loader->count == loader->room) {
		loader->room = loader->room == 0 ? 64 : loader->room * 2;
		loader->found = xrealloc(loader->found,
		    loader->room * sizeof(loader->found[0]));
	}

	struct found *found = &loader->found[loader->count++];

	found->name = xstrdup(name);
	found->entry = (struct listing_entry){ found->name, in_new, 0 };
	found->arrival = 0;
	return found;
}

static void
forget_found(struct loader *loader)
{
	for (size_t i = 0; i < loader->count; i++)
		free(loader->found[i].name);
	loader->count = 0;
}

static int
add_indexed(void *arg, const struct index_entry *indexed)
{
	struct found *found = add_found(arg, indexed->in_new, indexed->name);

	found->entry.octets = indexed->octets;
	found->arrival = indexed->received;
	return 0;
}

static int
add_scanned(void *arg, bool in_new, const char *name)
{
	add_found(arg, in_new, name);
	return 0;
}

static int
by_base(const void *a, const void *b)
{
	const struct listing_entry *first = &((const struct found *)a)->entry;
	const struct listing_entry *second = &((const struct found *)b)->entry;
	int order = maildir_name_compare(first->name, second->name);

	return order != 0 ? order : first->in_new - second->in_new;
}

static int
by_arrival(const void *a, const void *b)
{
	const struct found *first = a;
	const struct found *second = b;

	if (first->arrival != second->arrival)
		return first->arrival < second->arrival ? -1 : 1;
	return strcmp(first->entry.name, second->entry.name);
}

static void
sort_found(struct loader *loader, int (*order)(const void *, const void *))
{
	if (loader->count > 1)
		qsort(loader->found, loader->count, sizeof(loader->found[0]),
		    order);
}

/*
 * Uids are given as messages are met: in an index that was lost, the first that
 * comes afterwards is met before all that are there.
 */
static void
sort_arrived(struct loader *loader)
{
	size_t i = 1;

	while (i < loader->count &&
	    by_arrival(&loader->found[i - 1], &loader->found[i]) <= 0)
		i++;
	if (i < loader->count)
		sort_found(loader, by_arrival);
}

/* Size and time of a message; false when it cannot be read. */
static bool
look_at(const struct maildir *maildir, struct found *found)
{
	struct listing_entry *entry = &found->entry;
	struct maildir_name name;

	maildir_parse_name(entry->name, &name);
	entry->octets = name.wire;
	found->arrival = maildir_arrival(maildir, entry->in_new, entry->name);
	if (entry->octets != -1)
		return true;

	int fd = maildir_open_message(maildir, entry->in_new, entry->name);

	if (fd == -1)
		return false;
	entry->octets = maildir_wire_size(fd);
	close(fd);
	return entry->octets != -1;
}

/* Drops what was seen twice or cannot be read, and looks at the rest. */
static void
settle(struct loader *loader)
{
	size_t kept = 0;

	sort_found(loader, by_base);
	for (size_t i = 0; i < loader->count; i++) {
		struct found *found = &loader->found[i];
		bool twice = kept > 0 &&
		    maildir_name_equal(found->entry.name,
			loader->found[kept - 1].entry.name);

		if (!twice && look_at(loader->maildir, found)) {
			loader->found[kept++] = *found;
			continue;
		}
		loader->blind = loader->blind || !twice;
		free(found->name);
	}
	loader->count = kept;
}

static int
load_without_index(struct loader *loader)
{
	forget_found(loader);
	if (maildir_scan(loader->maildir, add_scanned, loader) == -1)
		return -1;
	settle(loader);
	return 0;
}

/*
 * One block for all names: many small ones, made while the index was open,
 * would hold on to the pages it leaves.
 */
static void
pack(const struct loader *loader, struct listing *listing)
{
	size_t size = 0;
	char *at;

	for (size_t i = 0; i < loader->count; i++)
		size += strlen(loader->found[i].name) + 1;
	listing->count = loader->count;
	listing->names = at = xmalloc(size);
	listing->entries = xcalloc(loader->count, sizeof(listing->entries[0]));
	for (size_t i = 0; i < loader->count; i++) {
		listing->entries[i] = loader->found[i].entry;
		listing->entries[i].name = at;
		listing->octets += listing->entries[i].octets;
		at = stpcpy(at, loader->found[i].name) + 1;
	}
}

int
listing_load(const struct maildir *maildir, struct index *index,
    struct listing *listing_out)
{
	struct folder_times times = folder_times_read(maildir);
	struct loader loader = { .maildir = maildir };
	int rc = -1;

	memset(listing_out, 0, sizeof(*listing_out));
	if (index != NULL && index_sync(index, maildir) == 0) {
		rc = index_list_sizes(index, add_indexed, &loader);
		loader.blind = index_is_blind(index);
	}
	if (rc == -1)
		rc = load_without_index(&loader);
	sort_arrived(&loader);
	if (rc == 0 && loader.count > 0)
		pack(&loader, listing_out);
	if (rc == 0 && !loader.blind)
		listing_out->times = folder_times_settled(times);
	forget_found(&loader);
	free(loader.found);
	return rc;
}

bool
listing_is_current(const struct listing *listing, const struct maildir *maildir)
{
	return folder_times_same(listing->times, folder_times_read(maildir));
}

void
listing_clear(struct listing *listing)
{
	free(listing->names);
	free(listing->entries);
	memset(listing, 0, sizeof(*listing));
}

/* unique-id = 1*70 of the characters 0x21 to 0x7E (RFC 1939 7). */
static bool
is_unique_id(const char *base, size_t size)
{
	if (size == 0 || size > UIDL_MAX)
		return false;
	for (size_t i = 0; i < size; i++)
		if (base[i] < 0x21 || base[i] > 0x7E)
			return false;
	return true;
}

void
listing_uidl(const char *name, char *uidl, size_t size)
{
	struct maildir_name parsed;
	unsigned char hash[SHA256_SIZE];
	char hex[2 * SHA256_SIZE + 1];

	maildir_parse_name(name, &parsed);
	if (is_unique_id(name, parsed.base)) {
		snprintf(uidl, size, "%.*s", (int)parsed.base, name);
		return;
	}
	if (gnutls_hash_fast(GNUTLS_DIG_SHA256, name, parsed.base, hash) != 0)
		panic("cannot compute SHA-256");
	for (size_t i = 0; i < SHA256_SIZE; i++)
		snprintf(hex + 2 * i, 3, "%02x", hash[i]);
	snprintf(uidl, size, "%s", hex);
}
