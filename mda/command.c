/*
 * command.c - reads a message as Unix programs write it, and delivers it.
 *
 * The text has LF line ends; CRLF is taken as well.  A NUL or a CR within a
 * line cannot be carried by SMTP and POP3 and is refused here as it is there.
 * A first line "From ..." is an mbox's separator and no part of the message.
 */
#include "mda/command.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "common/config.h"
#include "common/log.h"
#include "common/sandbox.h"
#include "mda/deliver.h"
#include "mda/mailboxes.h"
#include "mda/parcel.h"
#include "mda/recipient.h"

enum { PIECE_SIZE = 64 * 1024 };

struct named {
	struct mailbox mailbox;
	char original[ADDRESS_TEXT_MAX];
};

/* The message as it comes in. */
struct input {
	struct parcel parcel;
	int64_t size;
	int64_t lines;
	bool cr;   /* the last byte was a CR */
	char last; /* the last byte kept */
	int status;
};

static int
fail(int status, const char *why)
{
	fprintf(stderr, "mda: %s\n", why);
	return status;
}

/* Adds the domain where TEXT has none, then parses.  "" and "<>" are null. */
static bool
parse_name(const struct config *config, const char *text,
    struct address *address_out)
{
	char *whole = strchr(text, '@') != NULL
	    ? xstrdup(text)
	    : xasprintf("%s@%s", text, config->domain);
	bool good = address_parse(whole, address_out);

	free(whole);
	return good;
}

static int
parse_sender(const struct config *config, const char *text, char *sender,
    size_t size)
{
	struct address address;

	sender[0] = '\0';
	if (*text == '\0' || strcmp(text, "<>") == 0)
		return EX_OK;
	if (!parse_name(config, text, &address))
		return fail(EX_USAGE, "the sender is no mail address");
	address_format(&address, sender, size);
	return EX_OK;
}

static int
find_target(const struct config *config, const char *text, struct named *named)
{
	struct address address;
	struct reply r;

	if (!parse_name(config, text, &address))
		return fail(EX_USAGE, "a recipient is no mail address");
	address_format(&address, named->original, sizeof(named->original));
	r = recipient_mailbox(&address, &named->mailbox);
	if (reply_is_ok(&r))
		return EX_OK;
	return fail(reply_is_final(&r) ? EX_NOUSER : EX_TEMPFAIL, r.text);
}

static void
keep(struct input *input, const char *data, size_t size)
{
	if (size == 0 || input->status != EX_OK)
		return;
	input->last = data[size - 1];
	input->size += (int64_t)size;
	if (parcel_add(&input->parcel, data, size) == -1)
		input->status = fail(EX_TEMPFAIL, "cannot spool the message");
}

/* Takes what was read: LF text goes on, CRs before an LF do not. */
static void
take(struct input *input, const char *data, size_t size)
{
	size_t start = 0;

	for (size_t i = 0; i < size && input->status == EX_OK; i++) {
		if (input->cr && data[i] != '\n')
			input->status = fail(EX_DATAERR, "a CR within a line");
		else if (data[i] == '\0')
			input->status = fail(EX_DATAERR, "a NUL byte");
		else if (data[i] == '\n')
			input->lines++;
		input->cr = data[i] == '\r';
		if (input->cr) {
			keep(input, data + start, i - start);
			start = i + 1;
		}
	}
	if (input->status == EX_OK)
		keep(input, data + start, size - start);
}

/* An mbox's separator line, which formail and others leave in front. */
static void
drop_from_line(struct input *input)
{
	struct buf *head = &input->parcel.head;
	const char *end = memchr(head->data, '\n', head->size);

	if (strncmp(head->data, "From ", 5) != 0 || end == NULL)
		return;
	buf_drop(head, (size_t)(end - head->data) + 1);
	input->lines--;
}

static int
read_message(struct input *input, int64_t limit)
{
	char *piece = xmalloc(PIECE_SIZE);
	ssize_t n = 1;

	while (n != 0 && input->status == EX_OK) {
		n = read(STDIN_FILENO, piece, PIECE_SIZE);
		if (n > 0)
			take(input, piece, (size_t)n);
		else if (n == -1 && errno != EINTR)
			input->status = fail(EX_IOERR, strerror(errno));
		if (limit > 0 && input->size + input->lines > limit)
			input->status =
			    fail(EX_UNAVAILABLE, "5.3.4 message too big");
	}
	free(piece);
	if (input->status == EX_OK && input->cr)
		input->status = fail(EX_DATAERR, "a CR within a line");
	if (input->last != '\n' && input->size > 0) {
		keep(input, "\n", 1);
		input->lines++;
	}
	drop_from_line(input);
	return input->status;
}

/*
 * As LMTP would say it: what may pass is EX_TEMPFAIL alone.  EX_CANTCREAT would
 * name a mailbox that cannot be opened better, and Postfix returns the mail.
 */
static int
exit_status(const struct reply *r)
{
	if (reply_is_ok(r))
		return EX_OK;
	return fail(reply_is_final(r) ? EX_UNAVAILABLE : EX_TEMPFAIL, r->text);
}

/* What the caller can still mend by trying again comes first. */
static int
graver(int a, int b)
{
	static const int order[] = { EX_TEMPFAIL, EX_UNAVAILABLE };

	for (size_t i = 0; i < COUNT(order); i++)
		if (a == order[i] || b == order[i])
			return order[i];
	return EX_OK;
}

static int
deliver_input(const struct config *config, struct input *input,
    const char *sender, const struct named *named, size_t count)
{
	struct arrival arrival = {
		.config = config,
		.parcel = &input->parcel,
		.lines = input->lines,
		.envelope = { .sender = sender,
		    .recipient = "",
		    .helo = "",
		    .peer = "",
		    .login = "",
		    .protocol = "local",
		    .tls = "",
		    .queue_id = "" },
	};
	struct target *targets = xcalloc(count, sizeof(*targets));
	int status = EX_OK;

	deliver_prepare(&arrival);
	for (size_t i = 0; i < count; i++)
		targets[i] = (struct target){ .mailbox = &named[i].mailbox,
			.original = named[i].original };
	deliver_copies(&arrival, targets, count);
	for (size_t i = 0; i < count; i++)
		status = graver(status, exit_status(&targets[i].reply));
	free(targets);
	mailboxes_close();
	return status;
}

static int
read_and_deliver(const struct config *config, const char *sender,
    const struct named *named, size_t count)
{
	struct input input = { .parcel = PARCEL_INIT, .status = EX_OK };
	int status = read_message(&input, config->message_size);

	if (status == EX_OK)
		status = deliver_input(config, &input, sender, named, count);
	parcel_clear(&input.parcel);
	return status;
}

int
mda_command(const struct config *config, const struct sandbox *sandbox,
    const char *sender, char *const *recipients)
{
	char from[ADDRESS_TEXT_MAX];
	struct named *named;
	size_t count = 0;
	int status;

	while (recipients[count] != NULL)
		count++;
	if (count == 0)
		return fail(EX_USAGE, "no recipient");
	status = parse_sender(config, sender, from, sizeof(from));
	if (status != EX_OK)
		return status;
	if (sandbox_drop_root(config->user) == -1 ||
	    recipient_open_directory() == -1 || sandbox_enter(sandbox) == -1)
		return fail(EX_TEMPFAIL, "cannot begin; see above");

	named = xcalloc(count, sizeof(*named));
	for (size_t i = 0; i < count && status == EX_OK; i++)
		status = find_target(config, recipients[i], &named[i]);
	if (status == EX_OK)
		status = read_and_deliver(config, from, named, count);
	free(named);
	recipient_close_directory();
	return status;
}
