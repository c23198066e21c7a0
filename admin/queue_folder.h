/* queue_folder.h - the queue as postlab finds it. */
#ifndef ADMIN_QUEUE_FOLDER_H
#define ADMIN_QUEUE_FOLDER_H

enum { QUEUE_ABSENT = 1 /* exit status: there is no such message */ };

/* Enters the state folder; a descriptor of queue/, or -1 (logged). */
int queue_folder(void);

/* "ID is no queue id": its exit status. */
int queue_folder_bad_id(const char *id);

/* The verb retry: has the manager try messages now.  Exit status. */
int queue_retry(int argc, char **argv);

#endif
