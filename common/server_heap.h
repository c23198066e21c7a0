/*
 * server_heap.h - a heap that children share with their master.
 */
#ifndef COMMON_SERVER_HEAP_H
#define COMMON_SERVER_HEAP_H

/*
 * Takes all free memory between what is in use, for ever, so that what is
 * allocated from now on lies together behind it.  Once, before the first fork.
 */
void heap_settle(void);

#endif
