/*
 * mbox_label.c - what stands in front of a message in an mbox of ours.
 *
 * The name in it decides which file is made, and the mbox may come from
 * anybody: it must be one entry of new/ or cur/ and no other.
 */
#include "maildir/mbox_label.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "common/mem.h"
#include "maildir/maildir_name.h"

/* The letters of Status and X-Status (RFC 2076 3.14), and of a Maildir. */
static const struct {
	bool extended; /* of X-Status */
	char letter;
	char flag;
} letters[] = {
	/* clang-format off */
	{ false, 'R', 'S' },
	{ true, 'A', 'R' },
	{ true, 'F', 'F' },
	{ true, 'D', 'T' },
	{ true, 'T', 'D' },
	/* clang-format on */
};

/* TEXT with what is no printable ASCII, and %, as %XX. */
static void
write_encoded(FILE *to, const char *text)
{
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (c <= ' ' || c > '~' || c == '%')
			fprintf(to, "%%%02X", c);
		else
			fputc(c, to);
	}
}

static void
write_letters(FILE *to, bool extended, const char *flags)
{
	for (size_t i = 0; i < COUNT(letters); i++)
		if (letters[i].extended == extended &&
		    strchr(flags, letters[i].flag) != NULL)
			fputc(letters[i].letter, to);
}

static bool
is_sender(const char *sender)
{
	for (const char *c = sender; *c != '\0'; c++)
		if (*c <= ' ' || *c > '~')
			return false;
	return *sender != '\0';
}

void
mbox_label_write(FILE *to, const struct mbox_message *message)
{
	time_t date = (time_t)message->date;
	struct tm tm;
	char text[64] = "Thu Jan  1 00:00:00 1970";

	if (gmtime_r(&date, &tm) != NULL && tm.tm_year < 8100)
		strftime(text, sizeof(text), "%a %b %e %H:%M:%S %Y", &tm);
	fprintf(to, "From %s %s\n",
	    is_sender(message->sender) ? message->sender : "MAILER-DAEMON",
	    text);
	if (message->name[0] != '\0') {
		fputs(MBOX_LABEL, to);
		write_encoded(to, message->folder);
		fputs(message->folder[0] == '\0' ? "" : "/", to);
		fputs(message->old ? "cur/" : "new/", to);
		write_encoded(to, message->name);
		fputc('\n', to);
	}
	fputs("Status: ", to);
	write_letters(to, false, message->flags);
	fputs(message->old ? "O\nX-Status: " : "\nX-Status: ", to);
	write_letters(to, true, message->flags);
	fputc('\n', to);
}

static int
hex_digit(char c)
{
	const char *digits = "0123456789ABCDEF";
	const char *found = c == '\0' ? NULL : strchr(digits, c);

	return found == NULL ? -1 : (int)(found - digits);
}

/* Undoes write_encoded(), up to SIZE bytes of FROM.  False: it is none. */
static bool
decode(const char *from, size_t size, char *to, size_t room)
{
	size_t n = 0;

	for (size_t i = 0; i < size; i++) {
		int c = (unsigned char)from[i];

		if (c <= ' ' || c > '~' || n + 1 >= room)
			return false;
		if (c == '%') {
			int high = i + 2 < size ? hex_digit(from[i + 1]) : -1;
			int low = high == -1 ? -1 : hex_digit(from[i + 2]);

			if (low == -1 || (high | low) == 0)
				return false;
			c = high << 4 | low;
			i += 2;
		}
		to[n++] = (char)c;
	}
	to[n] = '\0';
	return n > 0;
}

static bool
is_folder(const char *folder)
{
	return folder[0] == '.' && folder[1] != '.' && folder[1] != '\0' &&
	    strchr(folder, '/') == NULL;
}

bool
mbox_label_read(const char *line, struct mbox_message *message)
{
	size_t size = sizeof(MBOX_LABEL) - 1;
	const char *place = line + size;
	size_t length;
	const char *slash;
	bool good = true;

	if (strncmp(line, MBOX_LABEL, size) != 0)
		return false;
	length = strcspn(place, "\r\n");
	if (*place == '.') {
		slash = memchr(place, '/', length);
		if (slash == NULL)
			return false;
		good = decode(place, (size_t)(slash - place), message->folder,
			   sizeof(message->folder)) &&
		    is_folder(message->folder);
		length -= (size_t)(slash + 1 - place);
		place = slash + 1;
	}
	if (good && length > 4 &&
	    (strncmp(place, "new/", 4) == 0 ||
		strncmp(place, "cur/", 4) == 0) &&
	    decode(place + 4, length - 4, message->name,
		sizeof(message->name)) &&
	    maildir_name_is_plain(message->name))
		return true;
	message->folder[0] = '\0';
	message->name[0] = '\0';
	return false;
}

/* Adds FLAG unless it is there. */
static void
add_flag(struct mbox_message *message, char flag)
{
	size_t n = strlen(message->flags);

	if (strchr(message->flags, flag) == NULL && n < MAILDIR_FLAGS_MAX) {
		message->flags[n] = flag;
		message->flags[n + 1] = '\0';
	}
}

bool
mbox_status_read(const char *line, struct mbox_message *message)
{
	bool extended = strncasecmp(line, "X-Status:", 9) == 0;
	const char *value = line + (extended ? 9 : 7);

	if (!extended && strncasecmp(line, "Status:", 7) != 0)
		return false;
	for (; *value != '\0'; value++) {
		if (!extended && (*value == 'O' || *value == 'R'))
			message->old = true;
		for (size_t i = 0; i < COUNT(letters); i++)
			if (letters[i].extended == extended &&
			    letters[i].letter == *value)
				add_flag(message, letters[i].flag);
	}
	if (message->flags[0] != '\0')
		message->old = true;
	return true;
}
