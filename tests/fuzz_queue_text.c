/*
 * fuzz_queue_text.c - any bytes as an envelope of the queue.
 *
 * A worker that was taken over can write what it likes.  What is understood at
 * all says the same when it is written and read again.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "smtpd/queue_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
write_whole(const struct queue_entry *entry, struct buf *to)
{
	queue_text_head(entry, to);
	queue_text_outcomes(entry, to);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char magic[] = "postlab-queue 1\n";
	struct queue_entry entry = { .id = "" };
	struct queue_entry again = { .id = "" };
	struct buf text = BUF_INIT;
	struct buf first = BUF_INIT;
	struct buf second = BUF_INIT;

	/* The first line is given, or nothing would ever be found. */
	buf_addstr(&text, magic);
	buf_add(&text, data, size);
	if (queue_text_parse(text.data, text.size, &entry) > 0) {
		write_whole(&entry, &first);
		if (queue_text_parse(first.data, first.size, &again) !=
		    first.size)
			abort();
		write_whole(&again, &second);
		if (strcmp(first.data, second.data) != 0)
			abort();
	}
	queue_entry_clear(&entry);
	queue_entry_clear(&again);
	buf_clear(&text);
	buf_clear(&first);
	buf_clear(&second);
	return 0;
}
