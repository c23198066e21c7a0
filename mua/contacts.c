/*
 * contacts.c - the file of the address book, and completion from it.
 */
#include "mua/contacts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/log.h"
#include "mua/text.h"

enum { FILE_MAX = 4 << 20, CHOICES_MAX = 12 };

void
contacts_read(const char *path, struct people *people)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct buf text = BUF_INIT;
	char *line;
	char *end;
	char why[80];

	if (fd == -1)
		return;
	(void)buf_read(&text, fd, FILE_MAX);
	close(fd);
	for (line = text.data; *line != '\0'; line = end) {
		end = line + strcspn(line, "\n");
		if (*end != '\0')
			*end++ = '\0';
		if (*line != '#' && people->count < CONTACTS_MAX)
			(void)people_parse(line, NULL, people, why,
			    sizeof(why));
	}
	buf_clear(&text);
}

/* The folder of PATH, made with all above it. */
static void
make_folders(const char *path)
{
	char *copy = xstrdup(path);

	for (char *s = strchr(copy + 1, '/'); s != NULL;
	     s = strchr(s + 1, '/')) {
		*s = '\0';
		(void)mkdir(copy, 0700);
		*s = '/';
	}
	free(copy);
}

static int
write_file(const char *path, const struct people *people)
{
	char *new = xasprintf("%s.new", path);
	struct buf text = BUF_INIT;
	int fd = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	int rc = -1;

	for (size_t i = 0; i < people->count && i < CONTACTS_MAX; i++) {
		person_format(&people->items[i], &text);
		buf_addchar(&text, '\n');
	}
	if (fd != -1 && write_all(fd, text.data, text.size) == 0 &&
	    fsync(fd) == 0 && rename(new, path) == 0)
		rc = 0;
	else
		log_errno("write %s", new);
	if (fd != -1)
		close(fd);
	buf_clear(&text);
	free(new);
	return rc;
}

/* Gives those in PEOPLE without a name the one they had in OLD. */
static void
add_known(struct people *all, const struct people *people,
    const struct people *old)
{
	for (size_t i = 0; i < people->count; i++) {
		const struct person *person = &people->items[i];
		const char *name = person->name;

		for (size_t k = 0; *name == '\0' && k < old->count; k++)
			if (strcasecmp(old->items[k].address,
				person->address) == 0)
				name = old->items[k].name;
		people_add(all, name, person->address);
	}
}

int
contacts_note(const char *path, const struct people *people)
{
	char *lock_path = xasprintf("%s.lock", path);
	struct people old = { 0 };
	struct people all = { 0 };
	int lock;
	int rc;

	make_folders(path);
	lock = open(lock_path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (lock != -1)
		(void)flock(lock, LOCK_EX);
	contacts_read(path, &old);
	add_known(&all, people, &old);
	people_add_all(&all, &old);
	rc = write_file(path, &all);
	if (lock != -1)
		close(lock);
	people_clear(&old);
	people_clear(&all);
	free(lock_path);
	return rc;
}

/* Whether PERSON can be meant by the beginning WORD. */
static bool
matches(const struct person *person, const char *word)
{
	size_t size = strlen(word);
	const char *name = person->name;
	size_t found;

	if (strncasecmp(person->address, word, size) == 0)
		return true;
	while ((name = text_find(name, word, &found)) != NULL) {
		if (name == person->name || name[-1] == ' ' || name[-1] == '-')
			return true;
		name += found;
	}
	return false;
}

/* Cuts CERTAIN to what it has in common with TEXT. */
static void
keep_common(struct buf *certain, const char *text)
{
	size_t size = 0;
	size_t whole = 0;

	while (size < certain->size && certain->data[size] == text[size]) {
		size++;
		if ((text[size] & 0xC0) != 0x80)
			whole = size;
	}
	certain->size = whole;
	certain->data[whole] = '\0';
}

void
contacts_complete(void *arg, struct buf *text, struct lines *choices)
{
	const struct people *people = arg;
	char *comma = strrchr(text->data, ',');
	size_t from = comma == NULL ? 0 : (size_t)(comma + 1 - text->data);
	struct buf certain = BUF_INIT;
	char *word;

	from += strspn(text->data + from, " ");
	word = xstrdup(text->data + from);
	for (size_t i = 0; i < people->count; i++) {
		struct buf whole = BUF_INIT;

		if (choices->count == CHOICES_MAX)
			break;
		if (!matches(&people->items[i], word))
			continue;
		person_format(&people->items[i], &whole);
		if (choices->count == 0)
			buf_addstr(&certain, whole.data);
		else
			keep_common(&certain, whole.data);
		lines_add(choices, STYLE_NORMAL, whole.data, whole.size);
		buf_clear(&whole);
	}
	/* Names differ from what was typed; it is replaced when that helps. */
	if (choices->count == 1 ||
	    (certain.size >= strlen(word) &&
		strncasecmp(certain.data, word, strlen(word)) == 0)) {
		text->size = from;
		text->data[from] = '\0';
		buf_addstr(text, certain.data);
	}
	free(word);
	buf_clear(&certain);
}
