/*
 * index_boot.h - which run of the machine this is.
 */
#ifndef MAILDIR_INDEX_BOOT_H
#define MAILDIR_INDEX_BOOT_H

/*
 * The kernel's boot id, "" when it cannot be read.  Read once: a sandboxed
 * process can no longer, so message_library_init() asks first.
 */
const char *index_boot_id(void);

#endif
