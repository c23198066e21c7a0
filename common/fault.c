/* fault.c - faults as they are written. */
#include "common/fault.h"

#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/mem.h"

enum { ROW_SIZE = 100, DIGITS_MAX = 8 };

static const char *const places[FAULT_PLACES] = { "connect", "mail", "rcpt",
	"data", "afterdot" };

/* FAULT_PLACES when WORD is none. */
static enum fault_place
find_place(const char *word)
{
	int i = 0;

	while (i < FAULT_PLACES && strcasecmp(word, places[i]) != 0)
		i++;
	return (enum fault_place)i;
}

/* Reply-code of a refusal: %x34-35 %x30-35 %x30-39     RFC 5321 4.2 */
static int
parse_code(const char *text)
{
	if ((text[0] != '4' && text[0] != '5') || text[1] < '0' ||
	    text[1] > '5' || !isdigit((unsigned char)text[2]))
		return 0;
	return (text[0] - '0') * 100 + (text[1] - '0') * 10 + (text[2] - '0');
}

static bool
is_word(const char *text)
{
	while (isalnum((unsigned char)*text) || *text == '-')
		text++;
	return *text == '\0';
}

struct fault
fault_parse(const char *text)
{
	const char *word = strchr(text, '.');
	struct fault fault = { .kind = FAULT_NONE };
	size_t length;

	if (word == NULL || *++word == '\0' || !is_word(word))
		return fault;
	length = (size_t)(word - 1 - text);
	fault.place = find_place(word);
	if (length == 3 && (fault.code = parse_code(text)) != 0) {
		fault.kind = FAULT_REPLY;
		if (fault.place == FAULT_PLACES)
			fault.place = FAULT_RCPT;
	} else if (fault.place != FAULT_PLACES) {
		if (length == 7 && strncasecmp(text, "timeout", length) == 0)
			fault.kind = FAULT_TIMEOUT;
		else if (length == 5 && strncasecmp(text, "close", length) == 0)
			fault.kind = FAULT_CLOSE;
	}
	return fault;
}

/* A number of a few digits at *TEXT, behind which *TEXT is moved; -1: none. */
static int
take_number(const char **text)
{
	size_t digits = strspn(*text, "0123456789");
	long number = strtol(*text, NULL, 10);

	*text += digits;
	return digits == 0 || digits > DIGITS_MAX ? -1 : (int)number;
}

/* row = from "-" [ to ] 1*blank fault */
static bool
parse_row(const char *text, struct fault_time *row)
{
	row->from = take_number(&text);
	if (row->from == -1 || *text++ != '-')
		return false;
	row->to = INT_MAX;
	if (isdigit((unsigned char)*text))
		row->to = take_number(&text);
	if (row->to <= row->from || (*text != ' ' && *text != '\t'))
		return false;
	row->fault = fault_parse(text + strspn(text, " \t"));
	return row->fault.kind != FAULT_NONE;
}

bool
fault_next_time(const char **list, struct fault_time *row, bool *wrong)
{
	char text[ROW_SIZE];
	size_t length;

	*list += strspn(*list, " \t,");
	length = strcspn(*list, ",");
	*wrong = false;
	if (length == 0)
		return false;
	*wrong = length >= sizeof(text);
	if (*wrong)
		return false;
	memcpy(text, *list, length);
	while (
	    length > 0 && (text[length - 1] == ' ' || text[length - 1] == '\t'))
		length--;
	text[length] = '\0';
	*list += strcspn(*list, ",");
	*wrong = !parse_row(text, row);
	return !*wrong;
}
