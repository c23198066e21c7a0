/* smtp_path.h - a client's MAIL and RCPT commands (RFC 5321 4.1.2). */
#ifndef COMMON_SMTP_PATH_H
#define COMMON_SMTP_PATH_H

#include "common/smtp_client.h"

/*
 * Puts "VERB:<ADDRESS> PARAMETERS" into the output, without those parameters
 * whose extension the server has not offered.  GIVEN is blank-separated; no
 * line end may be in it, nor in ADDRESS.
 */
void smtp_path_put(struct smtp_client *client, const char *verb,
    const char *address, const char *given);

#endif
