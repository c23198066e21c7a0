/*
 * fuzz_windows.c - any bytes as a message in every window of the mua.
 *
 * Beside not crashing: nodes cover the message, and no line can control a
 * terminal.
 */
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/log.h"
#include "mua/anatomy.h"
#include "mua/raw_text.h"
#include "mua/render.h"
#include "mua/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_lines(struct lines *lines)
{
	for (size_t i = 0; i < lines->count; i++)
		for (size_t at = 0; at < lines->items[i].size;) {
			const char *text = lines->items[i].text + at;
			int columns;

			at += text_next(text, &columns);
			if (columns < 0 && *text != '\t' &&
			    (unsigned char)*text < 0x80)
				panic("a control character is shown");
		}
	lines_clear(lines);
}

static void
check_cover(struct message *message)
{
	struct anatomy anatomy;
	size_t at = 0;

	anatomy_read(message, &anatomy);
	for (size_t i = 0; i < anatomy.node_count; i++) {
		if (anatomy.nodes[i].start != at || anatomy.nodes[i].end <= at)
			panic("node %zu leaves a gap", i);
		at = anatomy.nodes[i].end;
	}
	if (at != anatomy.size)
		panic("the nodes end too early");
	anatomy_clear(&anatomy);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("mail", MFD_CLOEXEC);
	struct subject subject = { 0 };
	struct lines lines = { 0 };

	text_use_utf8();
	if (fd == -1 || write_all(fd, data, size) == -1)
		panic("no memory file");
	subject.message = message_open(fd);
	check_cover(subject.message);
	raw_text_lines(&subject, &lines);
	check_lines(&lines);
	structure_lines(&subject, 40, &lines);
	check_lines(&lines);
	trace_lines(&subject, 100, &lines);
	check_lines(&lines);
	envelope_lines(&subject, 80, &lines);
	check_lines(&lines);
	message_close(subject.message);
	return 0;
}
