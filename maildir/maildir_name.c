/*
 * maildir_name.c - file names of messages.
 *
 * The base ends at the first colon (where the flags begin) or, before it, at
 * the first comma from which nothing but fields follow: ",S=12,W=13" but also
 * ",U=5" of other programs.  So a name with a comma of its own ("a,1") keeps
 * it and stays different from "a,2".
 */
#include "maildir/maildir_name.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/mem.h"

enum {
	HOST_MAX = 64, /* of the name's host; leaves room for the fields */
	SIZE_MAX_TOLD = 1 << 30, /* what a name says beyond is not believed */
	DIGITS_MAX = 15,
	SECONDS_MAX = 11, /* digits of a time we believe */
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* This host, without what has a meaning in a file name. */
static const char *
clean_host(void)
{
	static char host[HOST_MAX + 1];

	if (host[0] != '\0')
		return host;
	if (gethostname(host, sizeof(host)) == -1 || host[0] == '\0')
		copy_string(host, sizeof(host), "localhost");
	host[HOST_MAX] = '\0';
	for (char *c = host; *c != '\0'; c++)
		if (!is_letter(*c) && !is_digit(*c) &&
		    strchr("-._", *c) == NULL)
			*c = '_';
	return host;
}

/* The length of ",KEY=VALUE" at FIELD, 0 when that is none. */
static size_t
field_length(const char *field)
{
	size_t key = 1;

	if (field[0] != ',')
		return 0;
	while (is_letter(field[key]) || is_digit(field[key]))
		key++;
	if (key == 1 || field[key] != '=')
		return 0;
	return key + strcspn(field + key, ",:");
}

/* Whether from FIELD to the flags or the end there are only fields. */
static bool
only_fields(const char *field)
{
	size_t length = field_length(field);

	while (length > 0) {
		field += length;
		length = field_length(field);
	}
	return *field == '\0' || *field == ':';
}

static int64_t
read_number(const char *digits, size_t most)
{
	int64_t number = 0;
	size_t n = 0;

	for (; n <= most && is_digit(digits[n]); n++)
		number = number * 10 + (digits[n] - '0');
	return n == 0 || n > most ? -1 : number;
}

/* The number in ,KEY=NUMBER of the fields at FIELD; -1 without. */
static int64_t
find_number(const char *field, char key)
{
	for (; *field == ','; field += field_length(field))
		if (field[1] == key && field[2] == '=')
			return read_number(field + 3, DIGITS_MAX);
	return -1;
}

/* The letters at FROM up to the first other byte, sorted, each once. */
static void
sort_flags(const char *from, char flags_out[MAILDIR_FLAGS_MAX + 1])
{
	bool seen[128] = { false };
	size_t n = 0;

	for (; is_letter(*from); from++)
		seen[(unsigned char)*from] = true;
	for (int c = 'A'; c <= 'z'; c++)
		if (seen[c])
			flags_out[n++] = (char)c;
	flags_out[n] = '\0';
}

static size_t
base_length(const char *name)
{
	size_t end = strcspn(name, ":");
	size_t base = strcspn(name, ",:");

	while (base < end && !only_fields(name + base))
		base += 1 + strcspn(name + base + 1, ",:");
	return base > 0 ? base : strlen(name);
}

/*
 * Names come from anybody, and nobody opens a file to check them.  So at least
 * what cannot be is not believed: sizes beyond all mail, and lines that would
 * be shorter on the wire or have more line ends than bytes.
 */
static bool
is_credible(const struct maildir_name *name)
{
	/* Without one of them, they agree. */
	int64_t size = name->size == -1 ? name->wire : name->size;
	int64_t wire = name->wire == -1 ? size : name->wire;

	return size <= SIZE_MAX_TOLD && wire >= size && wire <= 2 * size + 2;
}

void
maildir_parse_name(const char *name, struct maildir_name *name_out)
{
	size_t base = base_length(name);
	const char *info = strchr(name, ':');

	name_out->base = base;
	name_out->size = find_number(name + base, 'S');
	name_out->wire = find_number(name + base, 'W');
	if (!is_credible(name_out))
		name_out->size = name_out->wire = -1;
	name_out->flags[0] = '\0';
	if (info != NULL && strncmp(info, ":2,", 3) == 0)
		sort_flags(info + 3, name_out->flags);
}

void
maildir_name_new(char name_out[MAILDIR_NAME_MAX + 1])
{
	static unsigned sequence;
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	snprintf(name_out, MAILDIR_NAME_MAX + 1, "%lld.M%06ldP%ldQ%u.%s",
	    (long long)now.tv_sec, now.tv_nsec / 1000, (long)getpid(),
	    ++sequence, clean_host());
}

void
maildir_name_sized(const char *name, int64_t size, int64_t wire,
    char name_out[MAILDIR_NAME_MAX + 1])
{
	snprintf(name_out, MAILDIR_NAME_MAX + 1, "%s,S=%lld,W=%lld", name,
	    (long long)size, (long long)wire);
}

bool
maildir_name_flagged(const char *name, const char *flags,
    char name_out[MAILDIR_NAME_MAX + 1])
{
	char sorted[MAILDIR_FLAGS_MAX + 1];
	int length = (int)strcspn(name, ":");

	sort_flags(flags, sorted);
	return snprintf(name_out, MAILDIR_NAME_MAX + 1, "%.*s:2,%s", length,
		   name, sorted) <= MAILDIR_NAME_MAX;
}

bool
maildir_name_is_plain(const char *name)
{
	return name[0] != '\0' && name[0] != '.' && strchr(name, '/') == NULL &&
	    strlen(name) <= MAILDIR_NAME_MAX;
}

int
maildir_name_compare(const char *a, const char *b)
{
	size_t a_size = base_length(a);
	size_t b_size = base_length(b);
	int order = memcmp(a, b, a_size < b_size ? a_size : b_size);

	if (order != 0)
		return order;
	return (a_size > b_size) - (a_size < b_size);
}

bool
maildir_name_equal(const char *a, const char *b)
{
	return maildir_name_compare(a, b) == 0;
}

int64_t
maildir_name_time(const char *name)
{
	return read_number(name, SECONDS_MAX);
}
