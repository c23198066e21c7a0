/*
 * fuzz_queue_request.c - any bytes as a request to the queue manager.
 *
 * What is understood is a name of a domain, an id, or a word: nothing that
 * could be a path, a line, or too long.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "smtpd/queue.h"
#include "smtpd/queue_request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
is_good(const struct queue_request *request)
{
	const char *subject = request->subject;

	if (strnlen(subject, sizeof(request->subject)) ==
	    sizeof(request->subject))
		return false;
	switch (request->verb) {
	case QUEUE_FLUSH:
		return domain_is_valid(subject) && strchr(subject, '/') == NULL;
	case QUEUE_LIST:
		return *subject != '\0' && strpbrk(subject, "\r\n\t ") == NULL;
	case QUEUE_RETRY:
	case QUEUE_LOOK:
		return request->all ? *subject == '\0' : queue_is_id(subject);
	}
	return false;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const verbs[] = { "", "flush ", "flush @", "list ",
		"retry ", "look " };
	struct queue_request request;

	/* The words are given, or hardly one would ever be found. */
	for (size_t i = 0; i < COUNT(verbs); i++) {
		struct buf text = BUF_INIT;

		buf_addstr(&text, verbs[i]);
		buf_add(&text, data, size);
		if (queue_request_parse(text.data, text.size, &request) &&
		    (!is_good(&request) || text.size > QUEUE_REQUEST_MAX))
			abort();
		buf_clear(&text);
	}
	return 0;
}
