/*
 * output.h - a file that is there when it is whole, and not before.
 *
 * The path is the operator's: relative to where he stands, and perhaps in a
 * folder of root's.  So it is opened before the state folder is entered and
 * root is left, and a process that stays root gives it its name at the end.
 */
#ifndef ADMIN_OUTPUT_H
#define ADMIN_OUTPUT_H

#include <sys/types.h>

struct output {
	int fd;   /* to write to */
	int tell; /* the process that is to name it; -1 without */
	pid_t namer;
};

/*
 * Makes PATH.new, 0600; "-" is standard output.  What is at PATH already is
 * never replaced.  An exit status; what is wrong has been said.
 */
int output_open(const char *path, struct output *output_out);

/*
 * With STATUS EX_OK all is flushed to the disk and gets its name; else it is
 * removed.  STATUS, or one that says what went wrong.
 */
int output_close(struct output *output, int status);

#endif
