/*
 * save.h - parts written to files, under names a message cannot choose freely.
 */
#ifndef MUA_SAVE_H
#define MUA_SAVE_H

#include "common/buf.h"
#include "maildir/message.h"

#include <stdbool.h>

/*
 * A file name to offer for PART, the NUMBERth: the last component of its own,
 * without control characters, blanks at the ends or a leading dot or dash.
 */
void save_name(const struct part *part, size_t number, struct buf *to);

enum save_result { SAVED, SAVE_EXISTS, SAVE_FAILED };

/*
 * Writes DATA to PATH ("~/" is the home folder), readable for the owner only.
 * Unless OVERWRITE is said an existing file is left alone.  SAVE_FAILED: errno
 * says why.
 */
enum save_result save_file(const char *path, const struct buf *data,
    bool overwrite);

#endif
