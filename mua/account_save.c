/*
 * account_save.c - changes one account in mua.conf and leaves the rest alone.
 *
 * The file is the person's: their comments and their order stay.  A key that
 * is there gets its new value in its line, one that is not is put at the end
 * of the section, and one that says what would hold without it is not added.
 * The new file replaces the old one whole, so that there is never half of one.
 */
#include "mua/account.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mua/account_table.h"

enum { FILE_SIZE_MAX = 1 << 20 };

struct writer {
	const struct account *account; /* NULL: its section goes */
	struct account usual; /* what holds without any key but the address */
	bool *written;        /* a row of the table each */
	struct buf out;
	bool inside; /* the section in question */
	bool found;
};

static bool
is_usual(const struct writer *writer, const struct config_key *key)
{
	struct buf ours = BUF_INIT;
	struct buf usual = BUF_INIT;
	bool equal;

	config_format(key, writer->account, &ours);
	config_format(key, &writer->usual, &usual);
	equal = strcmp(ours.data, usual.data) == 0;
	buf_clear(&ours);
	buf_clear(&usual);
	return equal;
}

static void
write_key(struct writer *writer, const struct config_key *key)
{
	buf_printf(&writer->out, "%s = ", key->name);
	config_format(key, writer->account, &writer->out);
	buf_addchar(&writer->out, '\n');
}

/* The keys that had no line of their own. */
static void
write_rest(struct writer *writer)
{
	if (!writer->inside || writer->account == NULL)
		return;
	for (size_t i = 0; i < account_key_count; i++) {
		const struct config_key *key = &account_keys[i];

		if (strcmp(key->section, "account") != 0 ||
		    writer->written[i] || is_usual(writer, key))
			continue;
		write_key(writer, key);
		writer->written[i] = true;
	}
}

static void
write_header(struct writer *writer)
{
	buf_printf(&writer->out, "[account %s]\n", writer->account->name);
}

/* Ends the section that was being written, before the blank lines behind. */
static void
end_section(struct writer *writer)
{
	size_t end = writer->out.size;
	char *blanks;

	if (!writer->inside || writer->account == NULL)
		return;
	while (end > 1 && writer->out.data[end - 1] == '\n' &&
	    writer->out.data[end - 2] == '\n')
		end--;
	blanks = xstrdup(writer->out.data + end);
	writer->out.size = end;
	writer->out.data[end] = '\0';
	write_rest(writer);
	buf_addstr(&writer->out, blanks);
	free(blanks);
}

/* "key" of "key = value"; false for a line that has none. */
static bool
key_of_line(const char *line, char *key, size_t size)
{
	size_t length;

	line += strspn(line, " \t");
	length = strcspn(line, " \t=:");
	if (*line == ';' || *line == '#' || length == 0 || length >= size ||
	    line[strcspn(line, "=:")] == '\0')
		return false;
	memcpy(key, line, length);
	key[length] = '\0';
	return true;
}

/* A line within the section: a key with its new value, or as it is. */
static void
write_line(struct writer *writer, const char *line, size_t size)
{
	const struct config_key *key;
	char name[64];

	if (writer->account == NULL)
		return;
	key = key_of_line(line, name, sizeof(name))
	    ? account_find_key("account", name)
	    : NULL;
	if (key == NULL) {
		buf_add(&writer->out, line, size);
		return;
	}
	writer->written[key - account_keys] = true;
	/* An empty value is none for most: back to what is usual. */
	if (!is_usual(writer, key))
		write_key(writer, key);
}

static void
copy_line(struct writer *writer, const char *section, char *line, size_t size)
{
	char kept = line[size];

	line[size] = '\0';
	if (line[strspn(line, " \t")] == '[') {
		char header[128];

		end_section(writer);
		(void)snprintf(header, sizeof(header), "[account %s]",
		    section == NULL ? "" : section);
		writer->inside = section != NULL &&
		    strncmp(line, header, strlen(header)) == 0;
		if (writer->inside && writer->account != NULL)
			write_header(writer);
		else if (!writer->inside)
			buf_add(&writer->out, line, size);
		writer->found = writer->found || writer->inside;
	} else if (writer->inside) {
		write_line(writer, line, size);
	} else {
		buf_add(&writer->out, line, size);
	}
	line[size] = kept;
}

static void
compose(struct writer *writer, const char *section, struct buf *old)
{
	char *at;

	if (old->size > 0 && old->data[old->size - 1] != '\n')
		buf_addchar(old, '\n');
	at = old->data;
	while (*at != '\0') {
		size_t size = strcspn(at, "\n") + 1;

		copy_line(writer, section, at, size);
		at += size;
	}
	end_section(writer);
	if (writer->found || writer->account == NULL)
		return;
	if (writer->out.size > 0)
		buf_addchar(&writer->out, '\n');
	write_header(writer);
	writer->inside = true;
	write_rest(writer);
}

/* The folders of PATH, closed to others. */
static int
make_folders(const char *path)
{
	char *copy = xstrdup(path);
	int rc = 0;

	for (char *at = copy + 1; rc == 0 && *at != '\0'; at++) {
		if (*at != '/')
			continue;
		*at = '\0';
		if (mkdir(copy, 0700) == -1 && errno != EEXIST)
			rc = -1;
		*at = '/';
	}
	free(copy);
	return rc;
}

static int
sync_folder(const char *path)
{
	char *copy = xstrdup(path);
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = fd == -1 ? -1 : fsync(fd);

	if (fd != -1)
		close(fd);
	free(copy);
	return rc;
}

static int
replace_file(const char *path, const struct buf *text)
{
	char *draft = xasprintf("%s.new", path);
	int rc = -1;
	int fd;

	unlink(draft);
	fd = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	    0600);
	if (fd == -1)
		goto out;
	if (write_all(fd, text->data, text->size) == -1 || fsync(fd) == -1 ||
	    rename(draft, path) == -1) {
		int saved = errno;

		unlink(draft);
		errno = saved;
		goto out;
	}
	rc = sync_folder(path);
out:
	if (fd != -1)
		close(fd);
	free(draft);
	return rc;
}

/* What is in PATH now; nothing when there is no such file. */
static int
read_old(const char *path, struct buf *old)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int rc;

	if (fd == -1)
		return errno == ENOENT ? 0 : -1;
	rc = buf_read(old, fd, FILE_SIZE_MAX);
	if (rc == 1)
		errno = EFBIG;
	close(fd);
	return rc == 0 ? 0 : -1;
}

int
account_save(const char *path, const char *section,
    const struct account *account, char *why, size_t size)
{
	struct writer writer = { .account = account, .out = BUF_INIT };
	/* A link into a folder with all one's settings stays one. */
	char *target = realpath(path, NULL);
	struct buf old = BUF_INIT;
	int rc = -1;

	if (target == NULL)
		target = xstrdup(path);

	writer.written = xcalloc(account_key_count, sizeof(bool));
	account_init(&writer.usual, account == NULL ? "" : account->name);
	if (account != NULL) {
		writer.usual.pop3.tls = account->pop3.tls;
		writer.usual.smtp.tls = account->smtp.tls;
		account_complete(&writer.usual);
		writer.usual.pop3.tls = ACCOUNT_TLS_IMPLICIT;
		writer.usual.smtp.tls = ACCOUNT_TLS_IMPLICIT;
	}
	if (make_folders(path) == 0 && read_old(path, &old) == 0) {
		compose(&writer, section, &old);
		rc = replace_file(target, &writer.out);
	}
	if (rc == -1)
		(void)snprintf(why, size, "%s: %s", path, strerror(errno));
	free(target);
	account_clear(&writer.usual);
	free(writer.written);
	buf_clear(&writer.out);
	buf_clear(&old);
	return rc;
}
