/*
 * file_type.h - what kind of data a file holds, for the Content-Type.
 */
#ifndef MUA_FILE_TYPE_H
#define MUA_FILE_TYPE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The media type of the file called PATH that is open on FD: by the ending of
 * its name from /etc/mime.types or a short list of our own; without one, text
 * or application/octet-stream by its content.  The caller frees it.
 */
char *file_type(const char *path, int fd);

/* What there is in a file, as far as mail has to care. */
struct file_survey {
	bool eight_bit; /* bytes from 0x80 on */
	bool utf8;      /* and all of them are UTF-8 */
	bool nul;
	bool cr;         /* a carriage return */
	bool long_line;  /* more than 998 octets (RFC 5322 2.1.1) */
	bool fragile;    /* blanks at the end of a line, which some take off */
	bool unfinished; /* the last line has no line end */
	int64_t size;
	int64_t high; /* how many bytes from 0x80 on */
};

/* Reads FD from its beginning.  0, or -1 with errno. */
int file_survey(int fd, struct file_survey *survey_out);

#endif
