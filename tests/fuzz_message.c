/*
 * fuzz_message.c - any bytes as a message.
 *
 * Beside not crashing: every string shown is valid UTF-8 without control
 * characters, text is UTF-8, and each part lies within the message.
 */
#include <glib.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/log.h"
#include "maildir/message.h"
#include "maildir/parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_shown(const char *text)
{
	if (!g_utf8_validate(text, -1, NULL))
		panic("shown, and no UTF-8");
	for (const char *c = text; *c != '\0'; c++)
		if ((*c >= 0 && *c < ' ') || *c == 127)
			panic("a control character is shown");
}

static void
check_summary(int fd)
{
	struct summary summary;

	summary_read(fd, &summary);
	check_shown(summary.from);
	check_shown(summary.to);
	check_shown(summary.subject);
	check_shown(summary.message_id);
	check_shown(summary.in_reply_to);
	check_shown(summary.references);
	summary_clear(&summary);
}

static void
check_part(struct message *message, size_t i)
{
	const struct part *part = message_part(message, i);
	struct buf content = BUF_INIT;

	message_content(message, i, &content);
	check_shown(part->type);
	check_shown(part->charset);
	check_shown(part->encoding);
	check_shown(part->filename);
	if (part->fault != NULL)
		check_shown(part->fault);
	if (part->depth < 0 || part->depth > PART_DEPTH_MAX)
		panic("depth %d", part->depth);
	if (!part->multipart && strncmp(part->type, "text/", 5) == 0 &&
	    !g_utf8_validate(content.data, (gssize)content.size, NULL) &&
	    memchr(content.data, '\0', content.size) == NULL)
		panic("text that is no UTF-8");
	buf_clear(&content);
}

/* Parts lie within the message, and a part that is no container is not lost. */
static void
check_places(const char *data, size_t size)
{
	struct part_list list;

	parts_split(data, size, &list);
	if (list.count < 1 || list.count > PART_COUNT_MAX + PART_DEPTH_MAX)
		panic("%zu parts", list.count);
	for (size_t i = 0; i < list.count; i++) {
		const struct located_part *part = &list.parts[i];

		if (part->header + part->header_size > part->body ||
		    part->body > size || part->body_size > size - part->body)
			panic("part %zu is not in the message", i);
		if (i > 0 &&
		    part->part.depth > list.parts[i - 1].part.depth + 1)
			panic("part %zu has no parent", i);
		if (part->part.multipart && i + 1 == list.count)
			panic("a multipart without parts");
	}
	parts_clear(&list);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const fields[] = { "From", "To", "Cc", "Subject",
		"Date", "Content-Type" };
	int fd = memfd_create("mail", MFD_CLOEXEC);
	struct message *message;

	if (fd == -1 || write_all(fd, data, size) == -1)
		panic("no memory file");
	check_summary(fd);
	check_places((const char *)data, size);
	message = message_open(fd);
	for (size_t i = 0; i < COUNT(fields); i++)
		check_shown(message_field(message, fields[i]));
	for (size_t i = 0; i < message_part_count(message); i++)
		check_part(message, i);
	message_close(message);
	return 0;
}
