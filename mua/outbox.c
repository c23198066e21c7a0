/*
 * outbox.c - the files of the outbox.
 */
#include "mua/outbox.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "common/buf.h"
#include "maildir/maildir_name.h"
#include "mua/copy.h"

enum { ENVELOPE_MAX = 1 << 20 };

static const char sender[] = "X-Mua-Sender: ";
static const char recipient[] = "X-Mua-Recipient: ";
static const char report[] = "X-Mua-Report: ";
static const char bcc[] = "X-Mua-Bcc: ";

void
outbox_item_init(struct outbox_item *item)
{
	*item = (struct outbox_item){
		.name = xstrdup(""),
		.sender = xstrdup(""),
		.bcc = xstrdup(""),
	};
}

void
outbox_item_clear(struct outbox_item *item)
{
	for (size_t i = 0; i < item->count; i++) {
		free(item->recipients[i].address);
		free(item->recipients[i].words);
	}
	free(item->recipients);
	free(item->name);
	free(item->sender);
	free(item->bcc);
	*item = (struct outbox_item){ 0 };
}

/* A copy of TEXT on one line. */
static char *
one_line(const char *text)
{
	char *copy = xstrdup(text);

	for (char *s = copy; *s != '\0'; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			*s = ' ';
	return copy;
}

void
outbox_item_add(struct outbox_item *item, const char *address,
    const char *words)
{
	item->recipients = xrealloc(item->recipients,
	    (item->count + 1) * sizeof(*item->recipients));
	item->recipients[item->count++] = (struct outbox_recipient){
		.address = one_line(address),
		.words = one_line(words),
	};
}

static void
write_envelope(const struct outbox_item *item, struct buf *to)
{
	char *value = one_line(item->sender);

	buf_printf(to, "%s%s\n", sender, value);
	free(value);
	for (size_t i = 0; i < item->count; i++) {
		const struct outbox_recipient *to_whom = &item->recipients[i];

		buf_printf(to, "%s%s%s%s\n", recipient, to_whom->address,
		    *to_whom->words == '\0' ? "" : " ", to_whom->words);
	}
	if (item->wants_report)
		buf_printf(to, "%syes\n", report);
	value = one_line(item->bcc);
	if (*value != '\0')
		buf_printf(to, "%s%s\n", bcc, value);
	free(value);
}

int
outbox_put(const struct maildir *box, const struct outbox_item *item, int fd,
    char *name_out)
{
	struct buf envelope = BUF_INIT;
	int rc;

	write_envelope(item, &envelope);
	rc = copy_into_maildir(box, &envelope, fd, name_out);
	buf_clear(&envelope);
	return rc;
}

/* The value of LINE when it is a field that begins with NAME, else NULL. */
static const char *
value_of(const char *line, const char *name)
{
	size_t size = strlen(name);

	return strncmp(line, name, size) == 0 ? line + size : NULL;
}

static void
replace(char **place, const char *text)
{
	free(*place);
	*place = xstrdup(text);
}

/* The blank behind the address at TEXT, or its end; quotes may hold blanks. */
static char *
address_end(char *text)
{
	bool quoted = false;

	for (; *text != '\0'; text++) {
		if (*text == '\\' && text[1] != '\0')
			text++;
		else if (*text == '"')
			quoted = !quoted;
		else if (*text == ' ' && !quoted)
			break;
	}
	return text;
}

/* Takes one line of the envelope; false when it is none. */
static bool
take_line(struct outbox_item *item, char *line)
{
	const char *value;

	if ((value = value_of(line, sender)) != NULL) {
		replace(&item->sender, value);
	} else if ((value = value_of(line, bcc)) != NULL) {
		replace(&item->bcc, value);
	} else if (value_of(line, report) != NULL) {
		item->wants_report = true;
	} else if ((value = value_of(line, recipient)) != NULL) {
		char *address = xstrdup(value);
		char *blank = address_end(address);

		if (*blank != '\0')
			*blank++ = '\0';
		outbox_item_add(item, address, blank);
		free(address);
	} else {
		return false;
	}
	return true;
}

/* Reads the lines at the beginning of FD; where the message begins. */
static off_t
read_envelope(int fd, struct outbox_item *item)
{
	struct buf text = BUF_INIT;
	off_t offset = 0;
	char *line;
	char *end;

	if (buf_read(&text, fd, ENVELOPE_MAX) == -1)
		offset = -1;
	line = text.data;
	while (offset != -1 && (end = strchr(line, '\n')) != NULL) {
		*end = '\0';
		if (!take_line(item, line))
			break;
		line = end + 1;
		offset = line - text.data;
	}
	buf_clear(&text);
	return offset;
}

enum outbox_state
outbox_state(bool in_new, const char *name)
{
	struct maildir_name parsed;

	if (in_new)
		return OUTBOX_WAITING;
	maildir_parse_name(name, &parsed);
	return strchr(parsed.flags, 'S') != NULL ? OUTBOX_SENT
						 : OUTBOX_DOUBTFUL;
}

int
outbox_open(const struct maildir *box, enum outbox_state state,
    const char *name, struct outbox_item *item_out)
{
	int fd = maildir_open_message(box, state == OUTBOX_WAITING, name);
	off_t offset;

	outbox_item_init(item_out);
	if (fd == -1)
		return -1;
	replace(&item_out->name, name);
	item_out->state = state;
	offset = read_envelope(fd, item_out);
	if (offset != -1 && item_out->count == 0) {
		offset = -1;
		errno = EBADMSG;
	}
	if (offset != -1 && lseek(fd, offset, SEEK_SET) == offset)
		return fd;

	int saved = errno;

	close(fd);
	errno = saved;
	return -1;
}

struct listing {
	char **names;
	enum outbox_state *states;
	size_t count;
};

static bool
belongs_before(enum outbox_state state, const char *name,
    enum outbox_state other, const char *other_name)
{
	return state != other ? state < other : strcmp(name, other_name) < 0;
}

static int
note_name(void *arg, bool in_new, const char *name)
{
	struct listing *list = arg;
	enum outbox_state state = outbox_state(in_new, name);
	size_t i = list->count++;

	list->names = xrealloc(list->names, list->count * sizeof(*list->names));
	list->states =
	    xrealloc(list->states, list->count * sizeof(*list->states));
	/* Each group by name: by time. */
	for (; i > 0 &&
	     belongs_before(state, name, list->states[i - 1],
		 list->names[i - 1]);
	     i--) {
		list->names[i] = list->names[i - 1];
		list->states[i] = list->states[i - 1];
	}
	list->names[i] = xstrdup(name);
	list->states[i] = state;
	return 0;
}

int
outbox_list(const struct maildir *box, struct outbox_names *names_out)
{
	struct listing list = { 0 };
	int rc = maildir_scan(box, note_name, &list);

	*names_out = (struct outbox_names){ .names = list.names };
	for (size_t i = 0; i < list.count; i++) {
		names_out->waiting += list.states[i] == OUTBOX_WAITING;
		names_out->doubtful += list.states[i] == OUTBOX_DOUBTFUL;
		names_out->sent += list.states[i] == OUTBOX_SENT;
	}
	free(list.states);
	return rc;
}

void
outbox_names_clear(struct outbox_names *names)
{
	size_t count = names->waiting + names->doubtful + names->sent;

	for (size_t i = 0; i < count; i++)
		free(names->names[i]);
	free(names->names);
	*names = (struct outbox_names){ 0 };
}

int
outbox_mark(const struct maildir *box, struct outbox_item *item,
    enum outbox_state state)
{
	int from = item->state == OUTBOX_WAITING ? box->new : box->cur;
	int to = state == OUTBOX_WAITING ? box->new : box->cur;
	char *name;

	if (state == item->state)
		return 0;
	name = xasprintf("%.*s%s", (int)strcspn(item->name, ":"), item->name,
	    state == OUTBOX_SENT ? ":2,S" : "");
	if (renameat(from, item->name, to, name) == -1) {
		free(name);
		return -1;
	}
	free(item->name);
	item->name = name;
	item->state = state;
	return maildir_sync(box);
}

int
outbox_remove(const struct maildir *box, const struct outbox_item *item)
{
	if (maildir_remove(box, item->state == OUTBOX_WAITING, item->name) ==
	    -1)
		return -1;
	return maildir_sync(box);
}

int
outbox_lock(const struct maildir *box)
{
	int fd = openat(box->root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd != -1 && flock(fd, LOCK_EX | LOCK_NB) == -1) {
		close(fd);
		return -1;
	}
	return fd;
}
