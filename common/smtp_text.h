/*
 * smtp_text.h - the text of a message onto the wire: behind DATA, or as BDAT.
 */
#ifndef COMMON_SMTP_TEXT_H
#define COMMON_SMTP_TEXT_H

#include "common/smtp_client.h"

/*
 * Sends header and message of T, with CHUNKED as one last chunk.  Takes at most
 * the connection's timeouts and a second for each KiB, whatever trickles.  0;
 * -1, with errno, when the message cannot be read: then what was sent of it is
 * no whole message.  A connection that breaks is told by conn_error().
 */
int smtp_text_write(struct conn *conn, const struct smtp_transaction *t,
    bool chunked);

#endif
