/*
 * owner.h - root reads a mailbox as the person it belongs to.
 */
#ifndef MUA_OWNER_H
#define MUA_OWNER_H

/*
 * When this process is root's, it becomes the owner of PATH for good, before
 * anything in it is opened.  0, or -1 (logged).
 */
int owner_become(const char *path);

#endif
