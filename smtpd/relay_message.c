/*
 * relay_message.c - one pass over the message.
 *
 * What the client said of it in MAIL (BODY=) is no more than a claim: what goes
 * out is described by what is in it.
 */
#include "smtpd/relay_message.h"

#include <stddef.h>
#include <unistd.h>

#include "common/log.h"

struct look {
	struct relay_message *message;
	bool body; /* the header is over */
	char last;
};

static void
look_at(struct look *look, const char *data, size_t size)
{
	struct relay_message *message = look->message;

	for (size_t i = 0; i < size; i++) {
		bool high = ((unsigned char)data[i] & 0x80) != 0;

		if (data[i] == '\n') {
			look->body = look->body || look->last == '\n';
			message->wire_size++;
		}
		message->eight_bit = message->eight_bit || high;
		message->utf8_header =
		    message->utf8_header || (high && !look->body);
		look->last = data[i];
	}
	message->wire_size += (int64_t)size;
}

int
relay_message_look(int fd, struct relay_message *message_out)
{
	struct look look = { .message = message_out, .last = '\n' };
	char data[16384];
	off_t at = 0;
	ssize_t n;

	*message_out = (struct relay_message){ .fd = fd };
	while ((n = pread(fd, data, sizeof(data), at)) > 0) {
		look_at(&look, data, (size_t)n);
		at += n;
	}
	return n == 0 ? 0 : log_errno("read a message in queue/");
}
