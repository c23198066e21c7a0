/*
 * letter.c - headers, and the parts put together.
 */
#include "mua/letter.h"

#include <errno.h>
#include <gmime/gmime.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/address.h"
#include "common/auth.h"
#include "common/utf8.h"
#include "mua/draft_header.h"
#include "mua/letter_part.h"

/* A longer identifier fits into no line (RFC 5322 2.1.1). */
enum { ID_SIZE_MAX = 900 };

static const char user_agent[] = "Postlab mua";

char *
letter_new_id(const char *address)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
	const char *at = strrchr(address, '@');
	unsigned char noise[20];
	char unique[sizeof(noise) + 1] = "";
	char stamp[32];
	char ascii[DOMAIN_MAX + 1];
	time_t now = time(NULL);
	struct tm tm;

	gmtime_r(&now, &tm);
	strftime(stamp, sizeof(stamp), "%Y%m%d%H%M%S", &tm);
	if (gnutls_rnd(GNUTLS_RND_NONCE, noise, sizeof(noise)) == 0)
		for (size_t i = 0; i < sizeof(noise); i++)
			unique[i] = letters[noise[i] % 32];
	if (at == NULL || !domain_to_ascii(at + 1, ascii, sizeof(ascii)))
		(void)copy_string(ascii, sizeof(ascii), "localhost");
	return xasprintf("%s.%s@%s", stamp, unique, ascii);
}

char *
letter_date(void)
{
	GDateTime *now = g_date_time_new_now_local();
	char *text = g_mime_utils_header_format_date(now);
	char *copy = xstrdup(text);

	g_free(text);
	g_date_time_unref(now);
	return copy;
}

char *
letter_people(const struct people *people)
{
	InternetAddressList *list = internet_address_list_new();
	char *text;
	char *copy;

	for (size_t i = 0; i < people->count; i++) {
		const struct person *person = &people->items[i];
		InternetAddress *mailbox =
		    internet_address_mailbox_new(*person->name == '\0'
			    ? NULL
			    : person->name,
			person->address);

		internet_address_set_charset(mailbox, "utf-8");
		internet_address_list_add(list, mailbox);
		g_object_unref(mailbox);
	}
	text = internet_address_list_to_string(list, NULL, TRUE);
	copy = xstrdup(text == NULL ? "" : text);
	g_free(text);
	g_object_unref(list);
	return copy;
}

/* Puts the people of a field. */
static bool
put_people(GMimeMessage *message, const struct draft *draft,
    enum draft_field field, char *why, size_t size)
{
	struct people people = { 0 };
	char *text;

	if (*draft->fields[field] == '\0')
		return true;
	if (!draft_people(draft, field, &people, why, size))
		return false;
	text = letter_people(&people);
	if (people.count > 0)
		g_mime_object_set_header(GMIME_OBJECT(message),
		    draft_field_name(field), text, NULL);
	free(text);
	people_clear(&people);
	return true;
}

static bool
put_all_people(GMimeMessage *message, const struct draft *draft,
    enum letter_use use, char *why, size_t size)
{
	static const enum draft_field fields[] = {
		DRAFT_FROM,
		DRAFT_TO,
		DRAFT_CC,
		DRAFT_BCC,
		DRAFT_REPLY_TO,
	};

	for (size_t i = 0; i < COUNT(fields); i++) {
		enum draft_field field = fields[i];
		char *raw;

		if (field == DRAFT_BCC && use == LETTER_SENT)
			continue;
		if (put_people(message, draft, field, why, size))
			continue;
		if (use == LETTER_SENT)
			return false;
		/* Written on later: as it was typed, whatever it is. */
		raw = g_mime_utils_header_encode_text(NULL,
		    draft->fields[field], "utf-8");
		g_mime_object_set_header(GMIME_OBJECT(message),
		    draft_field_name(field), raw, NULL);
		g_free(raw);
	}
	return true;
}

/* In-Reply-To and References: identifiers in <>, blank-separated. */
static void
put_ids(GMimeMessage *message, const char *name, const char *ids)
{
	struct buf value = BUF_INIT;

	while (*ids != '\0') {
		size_t size = strcspn(ids, " ");

		if (size > 0 && size <= ID_SIZE_MAX)
			buf_printf(&value, "%s<%.*s>",
			    value.size > 0 ? " " : "", (int)size, ids);
		ids += size;
		ids += strspn(ids, " ");
	}
	if (value.size > 0)
		g_mime_object_set_header(GMIME_OBJECT(message), name,
		    value.data, NULL);
	buf_clear(&value);
}

/*
 * A subject that only looks like encoded words, which GMime would leave as it
 * is, in encoded words: so the receiver reads what was typed.
 */
static void
put_odd_subject(GMimeMessage *message, const char *subject)
{
	enum { PIECE = 42 };
	size_t size = strlen(subject);
	struct buf value = BUF_INIT;

	for (size_t i = 0; i < size; i += PIECE) {
		size_t piece = size - i < PIECE ? size - i : PIECE;

		buf_addstr(&value, i > 0 ? " =?us-ascii?B?" : "=?us-ascii?B?");
		auth_base64_encode(subject + i, piece, &value);
		buf_addstr(&value, "?=");
	}
	g_mime_object_set_header(GMIME_OBJECT(message), "Subject", value.data,
	    NULL);
	buf_clear(&value);
}

static void
put_subject(GMimeMessage *message, const char *subject)
{
	if (utf8_is_ascii(subject) && strstr(subject, "=?") != NULL)
		put_odd_subject(message, subject);
	else
		g_mime_message_set_subject(message, subject, "utf-8");
}

static void
put_fixed_fields(GMimeMessage *message, const struct draft *draft)
{
	GMimeObject *object = GMIME_OBJECT(message);
	GDateTime *now = g_date_time_new_now_local();
	char *id = letter_new_id(draft->fields[DRAFT_FROM]);

	id[strcspn(id, "> ")] = '\0';
	g_mime_message_set_date(message, now);
	g_date_time_unref(now);
	g_mime_message_set_message_id(message, id);
	free(id);
	put_ids(message, "In-Reply-To", draft->in_reply_to);
	put_ids(message, "References", draft->references);
	g_mime_object_set_header(object, "User-Agent", user_agent, NULL);
	g_mime_object_set_header(object, "MIME-Version", "1.0", NULL);
}

/* The text, or a multipart of it and what goes along.  NULL with WHY. */
static GMimeObject *
make_body(const struct draft *draft, enum letter_use use, char *why,
    size_t size)
{
	GMimeObject *text = letter_text_part(&draft->text, use == LETTER_SENT);
	GMimeMultipart *all;

	if (draft->attachment_count == 0)
		return text;
	all = g_mime_multipart_new_with_subtype("mixed");
	g_mime_multipart_add(all, text);
	g_object_unref(text);
	for (size_t i = 0; i < draft->attachment_count; i++) {
		GMimeObject *part =
		    letter_attached_part(&draft->attachments[i], why, size);

		if (part == NULL) {
			g_object_unref(all);
			return NULL;
		}
		g_mime_multipart_add(all, part);
		g_object_unref(part);
	}
	return GMIME_OBJECT(all);
}

/* NULL with WHY. */
static GMimeMessage *
make_message(const struct draft *draft, enum letter_use use, char *why,
    size_t size)
{
	GMimeMessage *message = g_mime_message_new(FALSE);
	GMimeObject *body;

	if (!put_all_people(message, draft, use, why, size)) {
		g_object_unref(message);
		return NULL;
	}
	put_subject(message, draft->fields[DRAFT_SUBJECT]);
	put_fixed_fields(message, draft);
	if (use != LETTER_SENT)
		draft_header_put(draft, use == LETTER_UNFINISHED, message);
	body = make_body(draft, use, why, size);
	if (body == NULL) {
		g_object_unref(message);
		return NULL;
	}
	g_mime_message_set_mime_part(message, body);
	g_object_unref(body);
	return message;
}

int
letter_write(const struct draft *draft, enum letter_use use, int fd, char *why,
    size_t size)
{
	GMimeMessage *message = make_message(draft, use, why, size);
	GMimeStream *stream;
	ssize_t written;

	if (message == NULL)
		return -1;
	stream = g_mime_stream_fs_new(fd);
	g_mime_stream_fs_set_owner(GMIME_STREAM_FS(stream), FALSE);
	written =
	    g_mime_object_write_to_stream(GMIME_OBJECT(message), NULL, stream);
	if (written != -1 && g_mime_stream_flush(stream) == -1)
		written = -1;
	if (written == -1)
		(void)snprintf(why, size, "The letter cannot be written: %s",
		    strerror(errno));
	g_object_unref(stream);
	g_object_unref(message);
	return written == -1 ? -1 : 0;
}

bool
letter_is_ready(const struct draft *draft, char *why, size_t size)
{
	static const enum draft_field fields[] = { DRAFT_FROM, DRAFT_REPLY_TO,
		DRAFT_TO, DRAFT_CC, DRAFT_BCC };
	struct people people = { 0 };
	bool good = true;

	for (size_t i = 0; good && i < COUNT(fields); i++) {
		good = draft_people(draft, fields[i], &people, why, size);
		if (good && fields[i] == DRAFT_FROM && people.count != 1) {
			(void)snprintf(why, size, "From needs one address");
			good = false;
		}
		if (fields[i] == DRAFT_REPLY_TO)
			people_clear(&people); /* receive nothing */
	}
	if (good && people.count == 0) {
		(void)snprintf(why, size,
		    "Nobody to send it to: To, Cc and Bcc are empty");
		good = false;
	}
	people_clear(&people);
	for (size_t i = 0; good && i < draft->attachment_count; i++) {
		const struct attachment *a = &draft->attachments[i];
		int fd = attachment_open(a);

		good = fd != -1;
		if (good)
			close(fd);
		else
			(void)snprintf(why, size, "%s cannot be read: %s",
			    a->name, strerror(errno));
	}
	return good;
}
