/*
 * part_header.h - what the MIME fields of one part say.
 */
#ifndef MAILDIR_PART_HEADER_H
#define MAILDIR_PART_HEADER_H

#include "maildir/parts.h"

/*
 * Fills in PART's type, charset, encoding, filename and attachment from its
 * header of SIZE bytes at HEADER.  DEFAULT_TYPE holds where none is declared.
 * Returns the boundary of a multipart, which the caller frees; else NULL.
 */
char *part_header_read(const char *header, size_t size,
    const char *default_type, struct located_part *part);

/*
 * Parameter NAME of Content-Type in the header, decoded; NULL where there is
 * none or the type cannot be read.  The caller frees it.
 */
char *part_header_parameter(const char *header, size_t size, const char *name);

#endif
