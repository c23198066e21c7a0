/*
 * fuzz_logfmt.c - any bytes as a line of the log, and in a value of one.
 *
 * Whatever log_safe() makes of bytes must come back as they were, but NULs and
 * what is past its limit; and no bytes may make a second value.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "admin/logfmt.h"
#include "admin/trace_sentence.h"
#include "common/log.h"
#include "common/message_id.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_round_trip(const char *data, size_t size)
{
	char line[LOG_LINE_SIZE];
	struct logfmt fields;
	size_t n = log_compose(line, LOG_INFO, "e", "a=%s z=1",
	    log_safe_bytes(data, size));
	const char *value;

	if (!logfmt_parse(line, n - 1, &fields))
		abort();
	if (strcmp(logfmt_get(&fields, "z"), "1") != 0 ||
	    strcmp(fields.pairs[fields.count - 1].key, "z") != 0)
		abort();
	value = logfmt_get(&fields, "a");
	if (size <= LOGFMT_VALUE_MAX && strlen(value) != size)
		abort();
	for (size_t i = 0; i < size && i < LOGFMT_VALUE_MAX; i++)
		if (value[i] != (data[i] == '\0' ? '?' : data[i]))
			abort();
}

static void
check_line(const char *data, size_t size)
{
	static const char head[] = "time=2026-11-22T02:13:17.123Z ";
	struct logfmt fields;
	struct buf text = BUF_INIT;
	struct buf words = BUF_INIT;

	(void)logfmt_parse(data, size, &fields);
	buf_addstr(&text, head);
	buf_add(&text, data, size);
	if (!logfmt_parse(text.data, text.size, &fields))
		abort();
	trace_sentence(&fields, &words);
	for (size_t i = 0; i < words.size; i++)
		if (words.data[i] < ' ' || words.data[i] > '~')
			abort();
	buf_clear(&words);
	buf_clear(&text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	char id[MESSAGE_ID_SIZE];

	check_line(text, size);
	check_round_trip(text, size);
	if (strlen(message_id_read(text, size, id)) > MESSAGE_ID_MAX)
		abort();
	return 0;
}
