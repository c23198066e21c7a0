/*
 * relay_message.h - what a message asks of the host that shall take it.
 */
#ifndef SMTPD_RELAY_MESSAGE_H
#define SMTPD_RELAY_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

struct relay_message {
	int fd;
	int64_t wire_size; /* octets with CRLF line ends */
	bool eight_bit;    /* bytes above 127: 8BITMIME (RFC 6152) */
	bool utf8_header;  /* they are in its header: SMTPUTF8 (RFC 6531) */
};

/* Looks at all of it.  0, or -1 (logged). */
int relay_message_look(int fd, struct relay_message *message_out);

#endif
