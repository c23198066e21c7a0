/*
 * answer.c - replies: to whom, about what, in which thread.
 */
#include "mua/answer.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "maildir/decode.h"
#include "maildir/header.h"
#include "maildir/message.h"
#include "mua/quote.h"

enum {
	IDS_MAX = 100, /* of References: the first, and the last of them */
	IDS_SIZE_MAX = 16000, /* octets */
	SUBJECT_MAX = 900,
};

static bool
find(struct message *message, const char *name, struct header_field *field)
{
	const char *header = message_header(message);

	return header_find(header, strlen(header), name, field);
}

/* Appends the people of all fields called NAME. */
static void
read_people(struct message *message, const char *name, struct people *people)
{
	const char *cursor = message_header(message);
	const char *end = cursor + strlen(cursor);
	struct header_field field;

	while (header_next(&cursor, end, &field))
		if (header_is(&field, name))
			people_read(field.value, field.value_size, people);
}

static void
remove_own(struct people *people, const struct people *own)
{
	for (size_t i = 0; i < own->count; i++)
		people_remove(people, own->items[i].address);
}

static void
set_people(struct draft *draft, enum draft_field field,
    const struct people *people)
{
	struct buf text = BUF_INIT;

	people_format(people, &text);
	draft_set(draft, field, text.data);
	buf_clear(&text);
}

/* Who is in FIELD already. */
static void
take_people(const struct draft *draft, enum draft_field field,
    struct people *people)
{
	char why[8];

	(void)people_parse(draft->fields[field], NULL, people, why,
	    sizeof(why));
}

/* The address in "<mailto:list@x.example?subject=a>"; false for NO and others.
 */
static bool
read_list_post(struct message *message, struct people *people)
{
	static const char scheme[] = "<mailto:";
	struct header_field field;
	size_t before = people->count;
	const char *at;
	char *value;

	if (!find(message, "List-Post", &field))
		return false;
	value = decode_unfold(field.value, field.value_size);
	at = strcasestr(value, scheme);
	if (at != NULL) {
		at += strlen(scheme);
		people_read(at, strcspn(at, "?>%"), people);
	}
	free(value);
	return people->count > before;
}

bool
answer_has_list(struct message *message)
{
	struct people list = { 0 };
	bool has = read_list_post(message, &list);

	people_clear(&list);
	return has;
}

/* Reply-To, or From; of a letter of our own, those it went to. */
static void
find_sender(struct message *message, const struct people *own,
    struct people *to)
{
	struct people from = { 0 };
	struct people sent_to = { 0 };

	read_people(message, "From", &from);
	read_people(message, "To", &sent_to);
	read_people(message, "Reply-To", to);
	remove_own(&sent_to, own);
	if (from.count == 1 && people_has(own, from.items[0].address) &&
	    sent_to.count > 0) {
		people_clear(to);
		people_add_all(to, &sent_to);
	} else if (to->count == 0) {
		people_add_all(to, &from);
	}
	if (to->count == 0)
		read_people(message, "Sender", to);
	people_clear(&from);
	people_clear(&sent_to);
}

static void
find_everybody(struct message *message, const struct people *own,
    struct people *to, struct people *cc)
{
	read_people(message, "Mail-Followup-To", to);
	if (to->count > 0)
		return;
	find_sender(message, own, to);
	read_people(message, "To", cc);
	read_people(message, "Cc", cc);
	remove_own(cc, own);
	for (size_t i = 0; i < to->count; i++)
		people_remove(cc, to->items[i].address);
	if (to->count > 1 || cc->count > 0)
		remove_own(to, own);
	if (to->count == 0) {
		people_add_all(to, cc);
		people_clear(cc);
	}
}

/* Those of MESSAGE, behind whom DRAFT goes to already. */
static void
address(struct draft *draft, struct message *message, enum answer_to how,
    const struct people *own)
{
	struct people to = { 0 };
	struct people cc = { 0 };
	struct people all_to = { 0 };
	struct people all_cc = { 0 };

	if (how == ANSWER_ALL)
		find_everybody(message, own, &to, &cc);
	else if (how != ANSWER_LIST || !read_list_post(message, &to))
		find_sender(message, own, &to);
	take_people(draft, DRAFT_TO, &all_to);
	take_people(draft, DRAFT_CC, &all_cc);
	people_add_all(&all_to, &to);
	people_add_all(&all_cc, &cc);
	for (size_t i = 0; i < all_to.count; i++)
		people_remove(&all_cc, all_to.items[i].address);
	set_people(draft, DRAFT_TO, &all_to);
	set_people(draft, DRAFT_CC, &all_cc);
	people_clear(&to);
	people_clear(&cc);
	people_clear(&all_to);
	people_clear(&all_cc);
}

/* What begins a subject that is an answer already, as mutt has it. */
static size_t
answer_mark(const char *subject)
{
	static const char *const words[] = { "re", "aw", "sv", "antw" };

	for (size_t i = 0; i < COUNT(words); i++) {
		size_t size = strlen(words[i]);

		if (strncasecmp(subject, words[i], size) != 0)
			continue;
		if (subject[size] == '[') {
			size_t digits =
			    strspn(subject + size + 1, "0123456789");

			if (subject[size + 1 + digits] != ']')
				continue;
			size += digits + 2;
		}
		if (subject[size] == ':')
			return size + 1;
	}
	return 0;
}

void
answer_subject(const char *subject, struct buf *to)
{
	size_t size;

	do {
		subject += strspn(subject, " \t");
		size = answer_mark(subject);
		subject += size;
	} while (size > 0);
	buf_printf(to, "Re: %s", subject);
}

/*
 * Removes from IDS those that none may write (RFC 5322 3.6.4): with them a
 * server could refuse the answer, because of another person's letter.
 */
static void
remove_bad_ids(char *ids)
{
	char *to = ids;

	for (char *id = ids; *id != '\0';) {
		size_t size = strcspn(id, " ");
		size_t next = size + strspn(id + size, " ");
		bool good = true;

		for (size_t i = 0; i < size; i++)
			good &= id[i] > ' ' && id[i] < 0x7f && id[i] != '<' &&
			    id[i] != '>';
		if (good) {
			if (to != ids)
				*to++ = ' ';
			memmove(to, id, size);
			to += size;
		}
		id += next;
	}
	*to = '\0';
}

/* The identifiers of a field, without <>, blank-separated. */
static char *
read_ids(struct message *message, const char *name, int count)
{
	struct header_field field;
	char *ids;

	if (!find(message, name, &field))
		return xstrdup("");
	ids = decode_ids(field.value, field.value_size, IDS_SIZE_MAX, count);
	remove_bad_ids(ids);
	return ids;
}

/* Of very many identifiers the first, and the last ones. */
static void
shorten(struct buf *ids)
{
	size_t count = 1;
	size_t first = strcspn(ids->data, " ");

	for (size_t i = 0; i < ids->size; i++)
		count += ids->data[i] == ' ';
	for (; count > IDS_MAX; count--) {
		size_t second = strcspn(ids->data + first + 1, " ");
		struct buf rest = BUF_INIT;

		buf_add(&rest, ids->data, first);
		buf_addstr(&rest, ids->data + first + 1 + second);
		buf_clear(ids);
		*ids = rest;
	}
}

/* Whether WORDS, blank-separated, have the WORD of SIZE bytes. */
static bool
has_word(const char *words, const char *word, size_t size)
{
	for (; *words != '\0'; words += strspn(words, " ")) {
		size_t length = strcspn(words, " ");

		if (length == size && strncmp(words, word, size) == 0)
			return true;
		words += length;
	}
	return false;
}

/* Appends those of IDS that TO has not yet. */
static void
add_ids(struct buf *to, const char *ids)
{
	for (ids += strspn(ids, " "); *ids != '\0'; ids += strspn(ids, " ")) {
		size_t size = strcspn(ids, " ");

		if (!has_word(to->data, ids, size))
			buf_printf(to, "%s%.*s", to->size > 0 ? " " : "",
			    (int)size, ids);
		ids += size;
	}
}

/* In-Reply-To and References, RFC 5322 3.6.4, behind those of DRAFT. */
static void
thread(struct draft *draft, struct message *message)
{
	char *id = read_ids(message, "Message-ID", 1);
	char *parents = read_ids(message, "References", 10 * IDS_MAX);
	struct buf ids = BUF_INIT;
	struct buf answered = BUF_INIT;

	if (*parents == '\0') {
		free(parents);
		parents = read_ids(message, "In-Reply-To", 2);
		if (strchr(parents, ' ') != NULL)
			*parents = '\0'; /* which of them, nobody knows */
	}
	buf_addstr(&ids, draft->references);
	add_ids(&ids, parents);
	add_ids(&ids, id);
	shorten(&ids);
	buf_addstr(&answered, draft->in_reply_to);
	add_ids(&answered, id);
	shorten(&answered);
	draft_replace(&draft->in_reply_to, answered.data);
	draft_replace(&draft->references, ids.data);
	buf_clear(&ids);
	buf_clear(&answered);
	free(id);
	free(parents);
}

void
answer_sign(struct draft *draft, const struct writer *writer)
{
	if (*writer->signature != '\0')
		buf_printf(&draft->text, "\n-- \n%s", writer->signature);
}

struct draft *
answer_start(const struct writer *writer)
{
	struct draft *draft = draft_new();

	draft_set(draft, DRAFT_FROM, writer->from);
	draft_replace(&draft->account, writer->account);
	return draft;
}

struct draft *
answer_new(const struct writer *writer)
{
	struct draft *draft = answer_start(writer);

	answer_sign(draft, writer);
	return draft;
}

void
answer_add(struct draft *draft, struct message *message, enum answer_to to,
    const struct writer *writer)
{
	address(draft, message, to, writer->own);
	if (*draft->fields[DRAFT_SUBJECT] == '\0') {
		char *old = decode_clean(message_field(message, "Subject"),
		    SUBJECT_MAX);
		struct buf subject = BUF_INIT;

		answer_subject(old, &subject);
		draft_set(draft, DRAFT_SUBJECT, subject.data);
		buf_clear(&subject);
		free(old);
	}
	thread(draft, message);
	if (draft->text.size > 0)
		buf_addchar(&draft->text, '\n');
	quote_attribution(message, &draft->text);
	quote_body(message, &draft->text);
}

struct draft *
answer_reply(struct message *message, enum answer_to to,
    const struct writer *writer)
{
	struct draft *draft = answer_start(writer);

	answer_add(draft, message, to, writer);
	answer_sign(draft, writer);
	return draft;
}
