/*
 * mbox.c - messages read from one file, one after another.
 *
 * The file is read in pieces of lines, so a line may have any length.  Where a
 * message ends is told by a From_ line with a date in it, as mutt has it: with
 * or without a blank line before, because a message whose last line is not
 * finished leaves none.
 */
#include "maildir/mbox.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>

#include "common/mem.h"
#include "maildir/mbox_label.h"
#include "maildir/mbox_quote.h"

enum { PIECE = 8192, YEAR_DIGITS = 4, LABEL_LINES = 2 };

/* A piece of a line: all of it, unless that is long. */
struct piece {
	char data[PIECE + 1];
	size_t size;
	bool begins; /* at the begin of a line */
	bool ends;   /* with its LF */
};

struct mbox {
	FILE *file;
	enum mbox_form form;
	struct piece piece; /* read, and not used yet, when full is true */
	bool full;
	bool crlf; /* its From_ lines end so */
};

/* How far the message is that is being read. */
struct reading {
	struct mbox *mbox;
	struct mbox_message *message;
	struct mbox_quote quote;
	mbox_sink *sink;
	void *arg;
	bool owes; /* a LF that was read and not passed on */
	bool header;
	bool first;     /* no line of it was read */
	bool ours;      /* it began with our label */
	int label;      /* so many lines of that are left */
	bool dropping;  /* a field that is not the message's, folded */
	bool blank;     /* the last line was */
	int64_t length; /* of the body, by Content-Length; -1 without */
	int64_t body;   /* so much of it was read */
};

struct mbox *
mbox_new(FILE *file, enum mbox_form form)
{
	struct mbox *mbox = xcalloc(1, sizeof(*mbox));

	mbox->file = file;
	mbox->form = form;
	mbox->piece.ends = true;
	return mbox;
}

void
mbox_free(struct mbox *mbox)
{
	free(mbox);
}

/* Sees to it that a piece is there.  False: the end of the file. */
static bool
fill(struct mbox *mbox)
{
	struct piece *piece = &mbox->piece;
	int c = 0;

	if (mbox->full)
		return true;
	piece->begins = piece->ends;
	piece->size = 0;
	while (piece->size < PIECE && c != '\n') {
		c = getc_unlocked(mbox->file);
		if (c == EOF)
			break;
		piece->data[piece->size++] = (char)c;
	}
	piece->data[piece->size] = '\0';
	piece->ends = c == '\n';
	mbox->full = piece->size > 0;
	return mbox->full;
}

/* Behind a time: words, among them a year and perhaps a zone.  False: none. */
static bool
parse_year(const char *rest, struct tm *tm, long *offset_out)
{
	bool found = false;

	*offset_out = 0;
	while (*rest != '\0') {
		size_t blanks = strspn(rest, " \t\r\n");
		size_t size = strcspn(rest + blanks, " \t\r\n");
		const char *word = rest + blanks;
		size_t digits = strspn(word, "0123456789");
		long number;

		rest = word + size;
		if (digits == YEAR_DIGITS && size == YEAR_DIGITS && !found) {
			tm->tm_year = (int)strtol(word, NULL, 10) - 1900;
			found = true;
		} else if ((*word == '+' || *word == '-') && size == 5) {
			number = strtol(word, NULL, 10);
			*offset_out = number / 100 * 3600 + number % 100 * 60;
		}
	}
	return found;
}

/* "Sun Nov 22 04:13:17 2026", seconds and zone as it pleases. */
static bool
parse_date(const char *text, int64_t *date_out)
{
	struct tm tm = { 0 };
	const char *rest = strptime(text, "%a %b %d %H:%M", &tm);
	const char *seconds;
	long offset;
	time_t date;

	if (rest == NULL)
		return false;
	seconds = strptime(rest, ":%S", &tm);
	if (!parse_year(seconds == NULL ? rest : seconds, &tm, &offset))
		return false;
	date = timegm(&tm);
	*date_out = date > offset ? date - offset : 0;
	return true;
}

bool
mbox_from_line(const char *line, struct mbox_message *message_out)
{
	const char *sender = line + 5;
	size_t size;

	if (strncmp(line, "From ", 5) != 0)
		return false;
	sender += strspn(sender, " ");
	size = strcspn(sender, " \t\r\n");
	/* Some senders have blanks: the date is where there is one. */
	for (const char *word = sender; *word != '\0';
	     word += strspn(word, " \t")) {
		if (parse_date(word, &message_out->date)) {
			if (word == sender || size > MBOX_SENDER_MAX)
				size = 0;
			memcpy(message_out->sender, sender, size);
			message_out->sender[size] = '\0';
			return true;
		}
		word += strcspn(word, " \t");
	}
	return false;
}

static bool
is_from_piece(const struct piece *piece, struct mbox_message *message_out)
{
	return piece->begins && piece->ends &&
	    strlen(piece->data) == piece->size &&
	    mbox_from_line(piece->data, message_out);
}

/* Behind the filter: a LF is passed on when more comes, not at the end. */
static int
pass(void *arg, const char *data, size_t size)
{
	struct reading *reading = arg;

	if (size == 0)
		return 0;
	if (reading->owes && reading->sink(reading->arg, "\n", 1) == -1)
		return -1;
	reading->owes = data[size - 1] == '\n';
	size -= reading->owes;
	return size == 0 ? 0 : reading->sink(reading->arg, data, size);
}

/*
 * Believes Content-Length only if what follows so many bytes is a From_ line or
 * the end.
 */
static bool
is_length(struct mbox *mbox, int64_t length)
{
	off_t at = ftello(mbox->file);
	char text[8] = "";
	struct stat st;
	size_t n;

	if (at == -1 || length < 0 || fstat(fileno(mbox->file), &st) == -1 ||
	    length > st.st_size - at ||
	    fseeko(mbox->file, length, SEEK_CUR) != 0)
		return false;
	n = fread(text, 1, sizeof(text) - 1, mbox->file);
	if (fseeko(mbox->file, at, SEEK_SET) != 0)
		return false;
	return n == 0 || strcmp(text, "\n") == 0 ||
	    strncmp(text, "\nFrom ", 6) == 0 || strncmp(text, "From ", 5) == 0;
}

/* Whether a line of the header is about the mbox and not the message's. */
static bool
is_label(struct reading *reading, const char *line)
{
	bool folded = *line == ' ' || *line == '\t';

	if (reading->first && mbox_label_read(line, reading->message)) {
		reading->ours = true;
		reading->label = LABEL_LINES;
		return true;
	}
	if (reading->ours)
		return reading->label-- > 0 &&
		    mbox_status_read(line, reading->message);
	if (folded)
		return reading->dropping;
	if (mbox_status_read(line, reading->message))
		return true;
	if (reading->mbox->form != MBOX_CL)
		return false;
	if (strncasecmp(line, "Content-Length:", 15) == 0) {
		reading->length = strtoll(line + 15, NULL, 10);
		return true;
	}
	return strncasecmp(line, "Lines:", 6) == 0;
}

/* Takes the piece that is there. */
static int
take(struct reading *reading)
{
	struct mbox *mbox = reading->mbox;
	struct piece *piece = &mbox->piece;
	bool blank = piece->begins &&
	    (piece->data[0] == '\n' || strcmp(piece->data, "\r\n") == 0);

	mbox->full = false;
	if (!reading->header) {
		reading->body += (int64_t)piece->size;
	} else if (blank) {
		reading->header = false;
		if (reading->length != -1 && !is_length(mbox, reading->length))
			reading->length = -1;
	} else if (piece->begins) {
		reading->dropping = is_label(reading, piece->data);
	}
	reading->first = false;
	if (reading->header && reading->dropping)
		return 0;
	reading->blank = blank;
	if (reading->body <= reading->length)
		reading->quote.quoting = QUOTE_LEAVE;
	else
		reading->quote.quoting =
		    mbox->form == MBOX_O ? QUOTE_TAKE_ONE : QUOTE_TAKE;
	if (mbox->crlf && piece->size > 1 && piece->ends &&
	    piece->data[piece->size - 2] == '\r')
		piece->data[--piece->size - 1] = '\n';
	return mbox_quote_add(&reading->quote, piece->data, piece->size);
}

/* Finds the From_ line a message begins with. */
static enum mbox_result
begin(struct mbox *mbox, struct mbox_message *message_out)
{
	while (fill(mbox)) {
		const char *data = mbox->piece.data;

		mbox->full = false;
		if (is_from_piece(&mbox->piece, message_out)) {
			mbox->crlf = strchr(data, '\r') != NULL;
			return MBOX_MESSAGE;
		}
		if (mbox->piece.size > strspn(data, "\r\n"))
			return MBOX_NONE;
	}
	if (ferror(mbox->file))
		return MBOX_TROUBLE;
	return MBOX_END;
}

/* The LF that every message has more; of others' last ones, not all do. */
static int
end(struct reading *reading)
{
	if (mbox_quote_end(&reading->quote) == -1)
		return -1;
	if (!reading->owes || reading->ours || reading->blank)
		return 0;
	return reading->sink(reading->arg, "\n", 1);
}

enum mbox_result
mbox_read(struct mbox *mbox, mbox_sink *sink, void *arg,
    struct mbox_message *message_out)
{
	struct reading reading = {
		.mbox = mbox,
		.message = message_out,
		.quote = { .sink = pass, .arg = &reading },
		.sink = sink,
		.arg = arg,
		.header = true,
		.first = true,
		.length = -1,
	};
	struct mbox_message next;
	enum mbox_result result;

	memset(message_out, 0, sizeof(*message_out));
	result = begin(mbox, message_out);
	if (result != MBOX_MESSAGE)
		return result;
	while (fill(mbox)) {
		if (reading.body >= reading.length &&
		    is_from_piece(&mbox->piece, &next))
			break;
		if (take(&reading) == -1)
			return MBOX_TROUBLE;
	}
	if (ferror(mbox->file) || end(&reading) == -1)
		return MBOX_TROUBLE;
	return MBOX_MESSAGE;
}

bool
mbox_has_several(const char *path)
{
	FILE *file = fopen(path, "re");
	struct mbox_message message;
	char *line = NULL;
	size_t room = 0;
	bool first = true;
	bool blank = false;
	bool several = false;

	if (file == NULL)
		return false;
	while (!several && getline(&line, &room, file) > 0) {
		bool from = (first || blank) && mbox_from_line(line, &message);

		if (first && !from)
			break;
		several = from && !first;
		first = false;
		blank = line[strspn(line, "\r\n")] == '\0';
	}
	free(line);
	fclose(file);
	return several;
}
