/*
 * letters.c - reading Drafts and the outbox.
 */
#include "mua/letters.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "maildir/decode.h"
#include "maildir/message.h"
#include "mua/copy.h"
#include "mua/draft_header.h"
#include "mua/outbox.h"
#include "mua/post.h"

enum { WORDS_SIZE = 400 };

struct reading {
	const struct maildir *box;
	bool outbox;
	struct letters *letters;
};

/* "carol@x.example 550 5.1.1 no such user; ..." */
static char *
gather_words(const struct outbox_item *item)
{
	struct buf words = BUF_INIT;
	char *clean;

	for (size_t i = 0; i < item->count; i++)
		if (*item->recipients[i].words != '\0')
			buf_printf(&words, "%s%s %s",
			    words.size > 0 ? "; " : "",
			    item->recipients[i].address,
			    item->recipients[i].words);
	clean = decode_clean(words.data, WORDS_SIZE);
	buf_clear(&words);
	return clean;
}

/* All whom the envelope names, in words. */
static char *
gather_recipients(const struct outbox_item *item)
{
	struct buf all = BUF_INIT;
	char *clean;

	for (size_t i = 0; i < item->count; i++)
		buf_printf(&all, "%s%s", i > 0 ? ", " : "",
		    item->recipients[i].address);
	clean = decode_clean(all.data, WORDS_SIZE);
	buf_clear(&all);
	return clean;
}

/*
 * The message alone that the file NAME holds, and with an outbox its envelope.
 * A descriptor at its beginning; -1 with errno.
 */
static int
open_letter(const struct maildir *box, bool outbox, bool in_new,
    const char *name, struct outbox_item *item)
{
	const struct buf nothing = BUF_INIT;
	int fd;
	int alone;

	if (!outbox) {
		outbox_item_init(item);
		return maildir_open_message(box, in_new, name);
	}
	fd = outbox_open(box, outbox_state(in_new, name), name, item);
	if (fd == -1)
		return -1;
	alone = copy_aside(box, &nothing, fd);
	close(fd);
	return alone;
}

/* Places ROW so that names are in order. */
static void
insert(struct letters *letters, const struct letter_row *row)
{
	size_t i = letters->count++;

	letters->rows =
	    xrealloc(letters->rows, letters->count * sizeof(*letters->rows));
	for (; i > 0 && strcmp(letters->rows[i - 1].name, row->name) > 0; i--)
		letters->rows[i] = letters->rows[i - 1];
	letters->rows[i] = *row;
}

static int
read_row(void *arg, bool in_new, const char *name)
{
	struct reading *reading = arg;
	struct letter_row row = { .in_new = in_new };
	struct outbox_item item;
	struct summary summary;
	int fd =
	    open_letter(reading->box, reading->outbox, in_new, name, &item);

	if (fd != -1) {
		summary_read(fd, &summary);
		row.name = xstrdup(name);
		row.state = outbox_state(in_new, name);
		row.to = reading->outbox ? gather_recipients(&item)
					 : xstrdup(summary.to);
		row.subject = xstrdup(summary.subject);
		row.words = gather_words(&item);
		insert(reading->letters, &row);
		summary_clear(&summary);
		close(fd);
	}
	outbox_item_clear(&item);
	return 0;
}

void
letters_read(const char *path, bool outbox, struct letters *letters_out)
{
	struct maildir box;
	struct reading reading = {
		.box = &box,
		.outbox = outbox,
		.letters = letters_out,
	};

	*letters_out = (struct letters){ 0 };
	/* Nobody has written yet: no reason to complain. */
	if (access(path, F_OK) == -1 ||
	    maildir_look(AT_FDCWD, path, &box) == -1)
		return;
	(void)maildir_scan(&box, read_row, &reading);
	maildir_close(&box);
}

void
letters_clear(struct letters *letters)
{
	for (size_t i = 0; i < letters->count; i++) {
		free(letters->rows[i].name);
		free(letters->rows[i].to);
		free(letters->rows[i].subject);
		free(letters->rows[i].words);
	}
	free(letters->rows);
	*letters = (struct letters){ 0 };
}

/* An item's Bcc, and its wish for a report, which are not in the message. */
static void
take_envelope(struct draft *draft, const struct outbox_item *item)
{
	struct people bcc = { 0 };
	struct buf text = BUF_INIT;

	people_read(item->bcc, strlen(item->bcc), &bcc);
	people_format(&bcc, &text);
	if (text.size > 0)
		draft_set(draft, DRAFT_BCC, text.data);
	draft->wants_report = item->wants_report;
	people_clear(&bcc);
	buf_clear(&text);
}

struct draft *
letters_draft(const char *path, bool outbox, const struct letter_row *row,
    const struct writer *writer, const char *drafts, char *why, size_t size)
{
	struct outbox_item item;
	struct message *message;
	struct draft *draft = NULL;
	struct maildir box;
	int fd;

	if (maildir_open(AT_FDCWD, path, false, &box) == -1) {
		(void)snprintf(why, size, "%s: %s", path, strerror(errno));
		return NULL;
	}
	fd = open_letter(&box, outbox, row->in_new, row->name, &item);
	if (fd == -1) {
		(void)snprintf(why, size, "The letter cannot be read: %s",
		    strerror(errno));
	} else {
		message = message_open(fd);
		draft = answer_again(message, writer);
		draft_header_take(message_header(message), draft);
		message_close(message);
	}
	if (draft != NULL && !outbox)
		draft_replace(&draft->postponed, row->name);
	if (draft != NULL && outbox) {
		take_envelope(draft, &item);
		if (post_save_draft(draft, drafts, why, size)) {
			(void)outbox_remove(&box, &item);
		} else {
			draft_free(draft);
			draft = NULL;
		}
	}
	outbox_item_clear(&item);
	maildir_close(&box);
	return draft;
}

int
letters_remove(const char *path, const struct letter_row *row)
{
	struct maildir box;
	int rc;

	if (maildir_open(AT_FDCWD, path, false, &box) == -1)
		return -1;
	rc = maildir_remove(&box, row->in_new, row->name);
	if (rc == 0)
		rc = maildir_sync(&box);
	maildir_close(&box);
	return rc;
}
