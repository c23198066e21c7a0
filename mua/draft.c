/*
 * draft.c - the letter being written.
 */
#include "mua/draft.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "maildir/decode.h"
#include "maildir/message.h"
#include "mua/account.h"
#include "mua/file_type.h"

enum { FIELD_MAX = 65536, NAME_SIZE_MAX = 200 };

static const char *const names[DRAFT_FIELDS] = {
	[DRAFT_FROM] = "From",
	[DRAFT_TO] = "To",
	[DRAFT_CC] = "Cc",
	[DRAFT_BCC] = "Bcc",
	[DRAFT_SUBJECT] = "Subject",
	[DRAFT_REPLY_TO] = "Reply-To",
};

const char *
draft_field_name(enum draft_field field)
{
	return names[field];
}

struct draft *
draft_new(void)
{
	struct draft *draft = xcalloc(1, sizeof(*draft));

	for (int i = 0; i < DRAFT_FIELDS; i++)
		draft->fields[i] = xstrdup("");
	draft->text = (struct buf)BUF_INIT;
	draft->in_reply_to = xstrdup("");
	draft->references = xstrdup("");
	draft->account = xstrdup("");
	draft->answers = xstrdup("");
	draft->postponed = xstrdup("");
	draft->unfinished = xstrdup("");
	return draft;
}

static void
attachment_clear(struct attachment *attachment)
{
	if (attachment->fd != -1)
		close(attachment->fd);
	free(attachment->path);
	free(attachment->name);
	free(attachment->type);
}

void
draft_free(struct draft *draft)
{
	if (draft == NULL)
		return;
	for (int i = 0; i < DRAFT_FIELDS; i++)
		free(draft->fields[i]);
	for (size_t i = 0; i < draft->attachment_count; i++)
		attachment_clear(&draft->attachments[i]);
	free(draft->attachments);
	buf_clear(&draft->text);
	free(draft->in_reply_to);
	free(draft->references);
	free(draft->account);
	free(draft->answers);
	free(draft->postponed);
	free(draft->unfinished);
	free(draft);
}

char *
draft_next_name(const char **list)
{
	size_t size = strcspn(*list, "/");
	char *name = size == 0 ? NULL : xasprintf("%.*s", (int)size, *list);

	*list += size;
	if (**list == '/')
		++*list;
	return name;
}

void
draft_replace(char **place, const char *text)
{
	char *copy = xstrdup(text);

	free(*place);
	*place = copy;
}

void
draft_set(struct draft *draft, enum draft_field field, const char *text)
{
	char *clean = decode_clean(text, FIELD_MAX);

	free(draft->fields[field]);
	draft->fields[field] = clean;
}

static struct attachment *
append(struct draft *draft)
{
	struct attachment *attachment;

	draft->attachments = xrealloc(draft->attachments,
	    (draft->attachment_count + 1) * sizeof(*draft->attachments));
	attachment = &draft->attachments[draft->attachment_count++];
	*attachment = (struct attachment){ .fd = -1 };
	return attachment;
}

/* The last component of NAME, harmless and of bounded length. */
static char *
clean_name(const char *name)
{
	const char *slash = strrchr(name, '/');
	char *clean =
	    decode_clean(slash == NULL ? name : slash + 1, NAME_SIZE_MAX);

	/* The receiver's terminal may be less careful than ours. */
	for (char *c = clean; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || *c == '\x7f')
			*c = '_';
	return clean;
}

bool
draft_attach_file(struct draft *draft, const char *path, char *why, size_t size)
{
	char *full = account_expand(path);
	int fd = open(full, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct attachment *attachment;
	struct stat st;

	if (fd == -1 || fstat(fd, &st) == -1 || !S_ISREG(st.st_mode)) {
		(void)snprintf(why, size, "Cannot attach %s: %s", path,
		    fd == -1 ? strerror(errno) : "it is no plain file");
		if (fd != -1)
			close(fd);
		free(full);
		return false;
	}
	attachment = append(draft);
	attachment->path = full;
	attachment->name = clean_name(full);
	attachment->type = file_type(full, fd);
	attachment->size = st.st_size;
	close(fd);
	return true;
}

bool
draft_attach_data(struct draft *draft, const struct buf *data, const char *name,
    const char *type)
{
	int fd = memfd_create("attachment", MFD_CLOEXEC);
	struct attachment *attachment;

	if (fd == -1)
		return false;
	if (write_all(fd, data->data, data->size) == -1) {
		close(fd);
		return false;
	}
	attachment = append(draft);
	attachment->path = xstrdup("");
	attachment->fd = fd;
	attachment->name = clean_name(name);
	attachment->type = decode_clean(type, NAME_SIZE_MAX);
	attachment->size = (int64_t)data->size;
	return true;
}

void
draft_detach(struct draft *draft, size_t i)
{
	attachment_clear(&draft->attachments[i]);
	draft->attachment_count--;
	memmove(draft->attachments + i, draft->attachments + i + 1,
	    (draft->attachment_count - i) * sizeof(*draft->attachments));
}

int
attachment_open(const struct attachment *attachment)
{
	int fd;

	if (attachment->fd == -1)
		return open(attachment->path,
		    O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	fd = fcntl(attachment->fd, F_DUPFD_CLOEXEC, 0);
	if (fd != -1)
		(void)lseek(fd, 0, SEEK_SET);
	return fd;
}

bool
draft_people(const struct draft *draft, enum draft_field field,
    struct people *people, char *why, size_t size)
{
	const char *at = strrchr(draft->fields[DRAFT_FROM], '@');
	char *domain = xstrdup(at == NULL ? "" : at + 1);
	bool good;

	domain[strcspn(domain, "> ")] = '\0';
	good = people_parse(draft->fields[field], domain, people, why, size);
	free(domain);
	return good;
}
