/*
 * message_id.h - the Message-Id of a message, as something to find it by.
 *
 * The same short form in the log, in the queue and on the command line: without
 * < > and folds, cut where nobody's is as long.  The bytes are foreign: they go
 * through log_safe() or its like before they are shown.
 */
#ifndef COMMON_MESSAGE_ID_H
#define COMMON_MESSAGE_ID_H

#include <stddef.h>

enum {
	MESSAGE_ID_MAX = 200, /* octets; log_safe() cuts nothing of them */
	MESSAGE_ID_SIZE = MESSAGE_ID_MAX + 1,
};

/*
 * Reads the SIZE bytes of VALUE, a field's body with its folds or what a person
 * has typed, with or without < >.  Returns ID, which is "" when there is none.
 */
const char *message_id_read(const char *value, size_t size,
    char id[MESSAGE_ID_SIZE]);

#endif
