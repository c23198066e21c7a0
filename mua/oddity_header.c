/*
 * oddity_header.c - the fields of each header: what RFC 5322 3.6 and RFC 2045
 * ask of them, and which are missing or there twice.
 */
#include "mua/oddity.h"

#include "maildir/addresses.h"
#include "maildir/decode.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

/* How often a field may be in a message: RFC 5322 3.6, RFC 2045 3. */
static const struct rule {
	const char *name;
	const char *missing; /* what to say without it, or NULL */
} rules[] = {
	/* clang-format off */
	{ "From", "There is no From: who wrote it is not said "
	  "(RFC 5322 3.6)" },
	{ "Date", "There is no Date (RFC 5322 3.6)" },
	{ "Message-ID", "There is no Message-ID: nothing can refer to it "
	  "(RFC 5322 3.6.4)" },
	{ "Sender", NULL },
	{ "Reply-To", NULL },
	{ "To", NULL },
	{ "Cc", NULL },
	{ "Bcc", NULL },
	{ "In-Reply-To", NULL },
	{ "References", NULL },
	{ "Subject", NULL },
	{ "MIME-Version", NULL },
	{ "Content-Type", NULL },
	{ "Content-Transfer-Encoding", NULL },
	{ "Content-Disposition", NULL },
	{ "Return-Path", NULL },
	/* clang-format on */
};

/* A header while it is looked at. */
struct header {
	struct anatomy *anatomy;
	const char *data;
	size_t size;
	bool of_message;
	bool has_mime; /* a field that means something only with MIME */
	size_t seen[COUNT(rules)];
};

static size_t
place(const struct header *header, const struct header_field *field)
{
	return oddity_offset(header->anatomy, field->name);
}

static void
look_at_name(struct header *header, const struct header_field *field)
{
	if (field->name[field->name_size] != ':')
		anatomy_odd(header->anatomy,
		    place(header, field) + field->name_size,
		    "A blank before the colon (RFC 5322 4.5.8: obsolete)");
}

static void
count_field(struct header *header, const struct header_field *field)
{
	for (size_t i = 0; i < COUNT(rules); i++)
		if (header_is(field, rules[i].name) && header->seen[i]++ == 1)
			anatomy_odd(header->anatomy, place(header, field),
			    "A second %s: readers differ in which one they "
			    "take",
			    rules[i].name);
}

static void
look_at_addresses(struct header *header, const struct header_field *field)
{
	struct addresses addresses;

	if (!addresses_in_field(field->name, field->name_size))
		return;
	addresses_parse(field->value, field->value_size, &addresses);
	for (size_t i = 0; i < addresses.remark_count; i++)
		if (addresses.remarks[i].odd)
			anatomy_odd(header->anatomy, place(header, field), "%s",
			    addresses.remarks[i].text);
	if (addresses.count == 0 && addresses.remark_count == 0 &&
	    header_is(field, "From"))
		anatomy_odd(header->anatomy, place(header, field),
		    "There is no address in it");
	addresses_clear(&addresses);
}

static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri",
	"Sat" };

/* [ day-of-week "," ] date time zone (RFC 5322 3.3): is the day right? */
static void
look_at_day(struct header *header, const struct header_field *field,
    const char *text, int64_t date)
{
	const char *zone = strrchr(text, '+');
	int minutes = 0;
	time_t local;
	struct tm tm;

	if (zone == NULL)
		zone = strrchr(text, '-');
	if (zone == NULL || strspn(zone + 1, "0123456789") != 4)
		return;
	minutes = (zone[1] - '0') * 600 + (zone[2] - '0') * 60 +
	    (zone[3] - '0') * 10 + (zone[4] - '0');
	local = (time_t)(date + (*zone == '-' ? -60 : 60) * minutes);
	if (strchr(text, ',') == NULL || gmtime_r(&local, &tm) == NULL)
		return;
	if (strncasecmp(text, days[tm.tm_wday], 3) != 0)
		anatomy_odd(header->anatomy, place(header, field),
		    "That day was a %s", days[tm.tm_wday]);
}

static void
look_at_date(struct header *header, const struct header_field *field)
{
	char *text;
	int64_t date;

	if (!header_is(field, "Date"))
		return;
	text = decode_unfold(field->value, field->value_size);
	date = decode_date(field->value, field->value_size);
	if (date == 0)
		anatomy_odd(header->anatomy, place(header, field),
		    "It cannot be read as a date (RFC 5322 3.3)");
	else
		look_at_day(header, field, text, date);
	free(text);
}

static void
look_at_mime(struct header *header, const struct header_field *field)
{
	static const char *const encodings[] = { "7bit", "8bit", "binary",
		"base64", "quoted-printable", "x-uuencode", "x-uue" };
	char *text = decode_unfold(field->value, field->value_size);
	size_t word = strcspn(text, " ;(");
	bool known = false;

	if (strncasecmp(field->name, "Content-", 8) == 0)
		header->has_mime = true;
	if (header_is(field, "MIME-Version") && strstr(text, "1.0") == NULL)
		anatomy_odd(header->anatomy, place(header, field),
		    "The version is not 1.0 (RFC 2045 4)");
	if (header_is(field, "Content-Transfer-Encoding")) {
		for (size_t i = 0; i < COUNT(encodings); i++)
			known = known ||
			    (strlen(encodings[i]) == word &&
				strncasecmp(text, encodings[i], word) == 0);
		if (!known)
			anatomy_odd(header->anatomy, place(header, field),
			    "A transfer encoding nobody knows (RFC 2045 6.1)");
	}
	free(text);
}

/* msg-id = "<" id-left "@" id-right ">" (RFC 5322 3.6.4) */
static void
look_at_id(struct header *header, const struct header_field *field)
{
	char *text;
	size_t size;

	if (!header_is(field, "Message-ID"))
		return;
	text = decode_unfold(field->value, field->value_size);
	size = strlen(text);
	while (size > 0 && text[size - 1] == ' ')
		size--;
	if (size < 5 || *text != '<' || text[size - 1] != '>' ||
	    memchr(text, '@', size) == NULL || memchr(text, ' ', size) != NULL)
		anatomy_odd(header->anatomy, place(header, field),
		    "It should be <something@host> (RFC 5322 3.6.4)");
	free(text);
}

/* A folded line with nothing in it looks like the end of the header. */
static void
look_at_folds(struct header *header, const struct header_field *field)
{
	const char *end = field->value + field->value_size;

	for (const char *at = memchr(field->value, '\n', field->value_size);
	     at != NULL && at + 1 < end;
	     at = memchr(at + 1, '\n', (size_t)(end - at - 1))) {
		const char *text = at + 1;

		while (text < end && strchr(" \t\r", *text) != NULL)
			text++;
		if (text < end && *text == '\n')
			anatomy_odd(header->anatomy,
			    oddity_offset(header->anatomy, at + 1),
			    "A continuation line of blanks alone (RFC 5322 "
			    "3.2.2)");
	}
}

static void
look_for_missing(struct header *header)
{
	size_t at = oddity_offset(header->anatomy, header->data);

	for (size_t i = 0; i < COUNT(rules); i++) {
		if (rules[i].missing != NULL && header->seen[i] == 0)
			anatomy_odd(header->anatomy, at, "%s",
			    rules[i].missing);
		if (strcmp(rules[i].name, "MIME-Version") == 0 &&
		    header->seen[i] == 0 && header->has_mime)
			anatomy_odd(header->anatomy, at,
			    "MIME fields without MIME-Version: strictly they "
			    "mean nothing (RFC 2045 4)");
	}
}

static void
look_at_header(struct anatomy *anatomy, size_t i)
{
	static void (*const looks[])(struct header * header,
	    const struct header_field *field) = {
		look_at_name,
		count_field,
		look_at_addresses,
		look_at_date,
		look_at_mime,
		look_at_id,
		look_at_folds,
	};
	const struct located_part *part = message_place(anatomy->message, i);
	struct header header = {
		.anatomy = anatomy,
		.data = anatomy->data + part->header,
		.size = part->header_size,
		.of_message = oddity_is_message(anatomy, i),
	};
	const char *cursor = header.data;
	struct header_field field;

	if (part->header + part->header_size > anatomy->size)
		return;
	while (header_next(&cursor, header.data + header.size, &field)) {
		for (size_t j = 0; j < COUNT(looks); j++)
			looks[j](&header, &field);
		oddity_words(anatomy, &field);
	}
	if (header.of_message)
		look_for_missing(&header);
}

void
oddity_headers(struct anatomy *anatomy)
{
	size_t count = message_part_count(anatomy->message);

	for (size_t i = 0; i < count && !anatomy->more_oddities; i++)
		look_at_header(anatomy, i);
}
