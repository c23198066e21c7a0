/*
 * post.c - drafts into the outbox, and into Drafts.
 */
#include "mua/post.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "maildir/header.h"
#include "mua/copy.h"
#include "mua/draft_header.h"
#include "mua/letter.h"
#include "mua/outbox.h"

enum { HEADER_MAX = 1 << 20 };

static bool
open_box(const char *path, struct maildir *box, char *why, size_t size)
{
	if (maildir_open(AT_FDCWD, path, true, box) == 0)
		return true;
	(void)snprintf(why, size, "%s cannot be opened: %s", path,
	    strerror(errno));
	return false;
}

/* The envelope of DRAFT, which letter_is_ready(). */
static void
fill_item(const struct draft *draft, struct outbox_item *item)
{
	static const enum draft_field fields[] = { DRAFT_TO, DRAFT_CC,
		DRAFT_BCC };
	struct people from = { 0 };
	struct people to = { 0 };
	struct people bcc = { 0 };
	char why[8];

	(void)draft_people(draft, DRAFT_FROM, &from, why, sizeof(why));
	for (size_t i = 0; i < COUNT(fields); i++)
		(void)draft_people(draft, fields[i], &to, why, sizeof(why));
	(void)draft_people(draft, DRAFT_BCC, &bcc, why, sizeof(why));
	draft_replace(&item->sender, from.items[0].address);
	for (size_t i = 0; i < to.count; i++)
		outbox_item_add(item, to.items[i].address, "");
	free(item->bcc);
	item->bcc = letter_people(&bcc);
	item->wants_report = draft->wants_report;
	people_clear(&from);
	people_clear(&to);
	people_clear(&bcc);
}

/* Puts ITEM with the message in FD into the Maildir at PATH. */
static bool
put_item(const char *path, const struct outbox_item *item, int fd,
    char *name_out, char *why, size_t size)
{
	struct maildir box;
	bool good;

	if (!open_box(path, &box, why, size))
		return false;
	good = outbox_put(&box, item, fd, name_out) == 0;
	if (!good)
		(void)snprintf(why, size, "The outbox cannot be written: %s",
		    strerror(errno));
	maildir_close(&box);
	return good;
}

bool
post_letter(const struct draft *draft, const char *outbox, char *name_out,
    char *why, size_t size)
{
	struct outbox_item item;
	int fd;
	bool good;

	if (!letter_is_ready(draft, why, size))
		return false;
	fd = copy_scratch();
	if (fd == -1) {
		(void)snprintf(why, size, "No room for the letter: %s",
		    strerror(errno));
		return false;
	}
	outbox_item_init(&item);
	fill_item(draft, &item);
	good = letter_write(draft, LETTER_SENT, fd, why, size) == 0 &&
	    lseek(fd, 0, SEEK_SET) == 0 &&
	    put_item(outbox, &item, fd, name_out, why, size);
	close(fd);
	outbox_item_clear(&item);
	return good;
}

/* What belongs to where a message lay, or must not leave the house. */
static bool
stays_behind(const struct header_field *field)
{
	static const char *const names[] = { "Return-Path", "Delivered-To",
		"X-Original-To", "Bcc", "Status", "X-Status", "Content-Length",
		"Lines", "X-UIDL", DRAFT_HEADER_REPORT, DRAFT_HEADER_ANSWERS,
		DRAFT_HEADER_DRAFT, DRAFT_HEADER_UNFINISHED };

	for (size_t i = 0; i < COUNT(names); i++)
		if (header_is(field, names[i]))
			return true;
	return false;
}

/* The Resent- fields, and the message's own header behind them. */
static void
make_header(const char *from, const struct people *people, const char *old,
    size_t size, struct buf *to)
{
	struct people sender = { 0 };
	struct header_field field;
	const char *cursor = old;
	char *date = letter_date();
	char *names = letter_people(people);
	char *id;
	char *own;
	char why[80];

	(void)people_parse(from, NULL, &sender, why, sizeof(why));
	own = letter_people(&sender);
	id = letter_new_id(sender.count > 0 ? sender.items[0].address : "");
	buf_printf(to,
	    "Resent-From: %s\nResent-Date: %s\nResent-Message-ID: <%s>\n"
	    "Resent-To: %s\n",
	    own, date, id, names);
	while (header_next(&cursor, old + size, &field))
		if (!stays_behind(&field))
			buf_add(to, field.name,
			    (size_t)(field.value + field.value_size -
				field.name));
	people_clear(&sender);
	free(id);
	free(own);
	free(names);
	free(date);
}

bool
post_again(int fd, const char *from, const struct people *people,
    const char *outbox, char *name_out, char *why, size_t size)
{
	struct people sender = { 0 };
	struct buf old = BUF_INIT;
	struct buf header = BUF_INIT;
	struct outbox_item item;
	struct maildir box;
	struct header_end end;
	int whole = -1;
	bool good = false;

	outbox_item_init(&item);
	if (!people_parse(from, NULL, &sender, why, size) ||
	    !open_box(outbox, &box, why, size))
		goto out;
	if (sender.count > 0)
		draft_replace(&item.sender, sender.items[0].address);
	for (size_t i = 0; i < people->count; i++)
		outbox_item_add(&item, people->items[i].address, "");
	(void)lseek(fd, 0, SEEK_SET);
	(void)buf_read(&old, fd, HEADER_MAX);
	end = header_find_end(old.data, old.size);
	make_header(from, people, old.data, end.size, &header);
	buf_addchar(&header, '\n');
	(void)lseek(fd, (off_t)end.body, SEEK_SET);
	whole = copy_aside(&box, &header, fd);
	good = whole != -1 && outbox_put(&box, &item, whole, name_out) == 0;
	if (!good)
		(void)snprintf(why, size, "The outbox cannot be written: %s",
		    strerror(errno));
	if (whole != -1)
		close(whole);
	maildir_close(&box);
out:
	people_clear(&sender);
	outbox_item_clear(&item);
	buf_clear(&old);
	buf_clear(&header);
	return good;
}

bool
post_save_draft(struct draft *draft, const char *drafts, char *why, size_t size)
{
	const struct buf nothing = BUF_INIT;
	char name[MAILDIR_NAME_MAX + 1];
	struct maildir box;
	int fd;
	bool good;

	if (!open_box(drafts, &box, why, size))
		return false;
	fd = copy_scratch();
	good = fd != -1 &&
	    letter_write(draft, LETTER_DRAFT, fd, why, size) == 0 &&
	    lseek(fd, 0, SEEK_SET) == 0;
	if (fd == -1)
		(void)snprintf(why, size, "No room for the draft: %s",
		    strerror(errno));
	if (good && copy_into_maildir(&box, &nothing, fd, name) == -1) {
		(void)snprintf(why, size, "The draft cannot be saved: %s",
		    strerror(errno));
		good = false;
	}
	if (good) {
		post_remove_draft(draft, drafts);
		draft_replace(&draft->postponed, name);
	}
	if (fd != -1)
		close(fd);
	maildir_close(&box);
	return good;
}

void
post_remove_draft(const struct draft *draft, const char *drafts)
{
	struct maildir box;

	if (*draft->postponed == '\0' ||
	    maildir_open(AT_FDCWD, drafts, false, &box) == -1)
		return;
	(void)maildir_remove(&box, false, draft->postponed);
	(void)maildir_sync(&box);
	maildir_close(&box);
}
