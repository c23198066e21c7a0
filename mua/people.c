/*
 * people.c - lists of people, by GMime's parser of addresses.
 *
 * GMime reads whatever it meets, and passes over what it does not understand.
 * That is right for foreign mail.  Of what is typed nothing may be passed over,
 * so that is cut into pieces here, and a piece must be one address and nothing
 * else.
 */
#include "mua/people.h"

#include <gmime/gmime.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/address.h"
#include "maildir/decode.h"

enum { NAME_MAX_SIZE = 200, VALUE_PEOPLE_MAX = 1000 };

/* Appends without asking whether it is there. */
static void
append(struct people *people, const char *name, const char *address)
{
	people->items = xrealloc(people->items,
	    (people->count + 1) * sizeof(*people->items));
	people->items[people->count++] = (struct person){
		.name = decode_clean(name == NULL ? "" : name, NAME_MAX_SIZE),
		.address = xstrdup(address),
	};
}

bool
people_has(const struct people *people, const char *address)
{
	for (size_t i = 0; i < people->count; i++)
		if (strcasecmp(people->items[i].address, address) == 0)
			return true;
	return false;
}

void
people_add(struct people *people, const char *name, const char *address)
{
	if (!people_has(people, address))
		append(people, name, address);
}

void
people_add_all(struct people *people, const struct people *more)
{
	for (size_t i = 0; i < more->count; i++)
		people_add(people, more->items[i].name, more->items[i].address);
}

static void
clear_person(struct person *person)
{
	free(person->name);
	free(person->address);
}

void
people_remove(struct people *people, const char *address)
{
	size_t kept = 0;

	for (size_t i = 0; i < people->count; i++) {
		if (strcasecmp(people->items[i].address, address) == 0)
			clear_person(&people->items[i]);
		else
			people->items[kept++] = people->items[i];
	}
	people->count = kept;
}

/* Adds MAILBOX if its address can be one; whether it was. */
static bool
add_mailbox(InternetAddress *mailbox, const char *domain, struct people *people)
{
	const char *given = internet_address_mailbox_get_addr(
	    INTERNET_ADDRESS_MAILBOX(mailbox));
	char text[ADDRESS_TEXT_MAX];
	struct address address;
	bool whole = strchr(given, '@') != NULL;
	char *full = whole || domain == NULL || *domain == '\0'
	    ? xstrdup(given)
	    : xasprintf("%s@%s", given, domain);
	bool good = address_parse(full, &address);

	if (good)
		people_add(people, internet_address_get_name(mailbox),
		    address_format(&address, text, sizeof(text)));
	free(full);
	return good;
}

/* Adds all in LIST, members of groups too; how many could not be. */
static size_t
add_list(InternetAddressList *list, const char *domain, struct people *people)
{
	int count = internet_address_list_length(list);
	size_t failed = 0;

	for (int i = 0; i < count && people->count < VALUE_PEOPLE_MAX; i++) {
		InternetAddress *item =
		    internet_address_list_get_address(list, i);
		InternetAddressList *members;

		if (INTERNET_ADDRESS_IS_MAILBOX(item)) {
			failed += !add_mailbox(item, domain, people);
			continue;
		}
		members = internet_address_group_get_members(
		    INTERNET_ADDRESS_GROUP(item));
		for (int k = 0; k < internet_address_list_length(members);
		     k++) {
			item = internet_address_list_get_address(members, k);
			if (!INTERNET_ADDRESS_IS_MAILBOX(item) ||
			    !add_mailbox(item, domain, people))
				failed++;
		}
	}
	return failed;
}

void
people_read(const char *value, size_t size, struct people *people)
{
	char *line = decode_unfold(value, size);
	InternetAddressList *list = internet_address_list_parse(NULL, line);

	if (list != NULL) {
		(void)add_list(list, NULL, people);
		g_object_unref(list);
	}
	free(line);
}

/* Behind the quoted string, comment or literal at S; S itself for none. */
static const char *
skip_shielded(const char *s)
{
	char end = ']';
	int depth = 0;

	if (*s != '"' && *s != '(' && *s != '[')
		return s;
	if (*s != '[')
		end = *s == '(' ? ')' : '"';
	for (s++; *s != '\0'; s++) {
		if (*s == '\\' && s[1] != '\0')
			s++;
		else if (end == ')' && *s == '(')
			depth++;
		else if (*s == end && depth-- == 0)
			return s + 1;
	}
	return s;
}

/*
 * Whether PIECE is one address and nothing else: a word, or a phrase with one
 * pair of brackets behind it.
 */
static bool
is_one(const char *piece)
{
	int words = 0;
	bool in_word = false;
	bool over = false;

	for (const char *s = piece; *s != '\0';) {
		const char *behind = skip_shielded(s);

		if (*s == '(' || *s == ' ') {
			s = behind == s ? s + 1 : behind;
			in_word = false;
			continue;
		}
		if (over || *s == ':')
			return false;
		words += !in_word;
		in_word = true;
		if (*s == '<') {
			s = strchr(s, '>');
			if (s == NULL)
				return false;
			over = true;
			words = 1;
		}
		s = behind > s ? behind : s + 1;
	}
	return words == 1;
}

/* Adds the one address that PIECE is. */
static bool
add_piece(const char *piece, const char *domain, struct people *people)
{
	InternetAddressList *list =
	    is_one(piece) ? internet_address_list_parse(NULL, piece) : NULL;
	bool good = false;

	if (list == NULL)
		return false;
	good = internet_address_list_length(list) == 1 &&
	    add_list(list, domain, people) == 0;
	g_object_unref(list);
	return good;
}

/* Cuts the next piece off *CURSOR, at a comma or the marks of a group. */
static void
cut_piece(const char **cursor, struct buf *piece)
{
	const char *s = *cursor;
	bool in_brackets = false;
	bool has_at = false;

	buf_reset(piece);
	while (*s != '\0') {
		const char *behind = skip_shielded(s);

		if (behind > s) {
			buf_add(piece, s, (size_t)(behind - s));
			s = behind;
			continue;
		}
		if (*s == '<' || *s == '>')
			in_brackets = *s == '<';
		has_at |= *s == '@';
		/* A group's name goes; who is written to does not. */
		if (!in_brackets && *s == ':' && !has_at)
			buf_reset(piece);
		else if (!in_brackets && (*s == ',' || *s == ';'))
			break;
		else
			buf_addchar(piece, *s);
		s++;
	}
	*cursor = *s == '\0' ? s : s + 1;
}

/* Blanks at both ends away, all others one blank. */
static void
trim(struct buf *piece)
{
	size_t begin = strspn(piece->data, " \t\r\n");

	buf_drop(piece, begin);
	while (piece->size > 0 &&
	    strchr(" \t\r\n", piece->data[piece->size - 1]) != NULL)
		piece->data[--piece->size] = '\0';
	for (size_t i = 0; i < piece->size; i++)
		if ((unsigned char)piece->data[i] < ' ')
			piece->data[i] = ' ';
}

bool
people_parse(const char *text, const char *domain, struct people *people,
    char *why, size_t size)
{
	struct people found = { 0 };
	struct buf piece = BUF_INIT;
	bool good = true;

	while (good && *text != '\0') {
		cut_piece(&text, &piece);
		trim(&piece);
		good = piece.size == 0 || add_piece(piece.data, domain, &found);
	}
	if (good) {
		people_add_all(people, &found);
	} else {
		char *shown = decode_clean(piece.data, 60);

		(void)snprintf(why, size, "%s is no address", shown);
		free(shown);
	}
	people_clear(&found);
	buf_clear(&piece);
	return good;
}

void
person_format(const struct person *person, struct buf *to)
{
	/* specials of RFC 5322 3.2.3, and what begins an encoded word */
	bool quoted = strpbrk(person->name, "()<>[]:;@\\,.\"=") != NULL;

	if (*person->name == '\0') {
		buf_addstr(to, person->address);
		return;
	}
	if (quoted)
		buf_addchar(to, '"');
	for (const char *s = person->name; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\')
			buf_addchar(to, '\\');
		buf_addchar(to, *s);
	}
	buf_printf(to, "%s <%s>", quoted ? "\"" : "", person->address);
}

void
people_format(const struct people *people, struct buf *to)
{
	for (size_t i = 0; i < people->count; i++) {
		if (i > 0)
			buf_addstr(to, ", ");
		person_format(&people->items[i], to);
	}
}

void
people_clear(struct people *people)
{
	for (size_t i = 0; i < people->count; i++)
		clear_person(&people->items[i]);
	free(people->items);
	*people = (struct people){ 0 };
}
