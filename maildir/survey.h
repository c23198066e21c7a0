/*
 * survey.h - what is odd in a Maildir, told and not mended.
 */
#ifndef MAILDIR_SURVEY_H
#define MAILDIR_SURVEY_H

#include "maildir/maildir.h"

enum survey_weight {
	SURVEY_NOTE, /* it mends itself */
	SURVEY_ODD,  /* somebody should look */
};

/* Who is told. */
struct survey_ear {
	void *arg;
	/*
	 * KIND is a word, WHERE a file below the Maildir as it is called (not
	 * safe to print), WHAT a sentence about it.
	 */
	void (*finding)(void *arg, enum survey_weight weight, const char *kind,
	    const char *where, const char *what);
	/* After each message, which has so many octets. */
	void (*message)(void *arg, int64_t octets);
};

/*
 * Looks at each file of the three folders, and reads each message to see that
 * it can be read and is as long as its name says.  MAILDIR is of
 * maildir_look().  0; -1 when a folder cannot be read (logged).
 */
int survey_maildir(const struct maildir *maildir, const struct survey_ear *ear);

#endif
