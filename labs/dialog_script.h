/*
 * dialog_script.h - a dialog file, read into steps.
 *
 * The language is in docs/DIALOGS.md.
 */
#ifndef LABS_DIALOG_SCRIPT_H
#define LABS_DIALOG_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>

enum step_kind {
	STEP_CONNECT,
	STEP_ON,
	STEP_TLS,
	STEP_CLOSE,
	STEP_WAIT,
	STEP_SAY,    /* C: */
	STEP_TEXT,   /* C| */
	STEP_BYTES,  /* C# */
	STEP_FILE,   /* C< */
	STEP_EXPECT, /* S: */
	STEP_REPLY,  /* S+ */
	STEP_FIND,   /* S- */
	STEP_FORBID, /* S! */
	STEP_SAVE,   /* S> */
	STEP_END,    /* S: END */
};

struct step {
	enum step_kind kind;
	int line;   /* in the file */
	char *text; /* behind the keyword, "" without */
};

enum burst {
	BURST_NO,
	BURST_YES,   /* all that can be said, once the server has greeted */
	BURST_EARLY, /* before it has */
};

struct script {
	char *path;
	char *title; /* of the first comment, "" without */
	char *world; /* "" for any */
	enum burst burst;
	struct step *steps;
	size_t count;
};

/* Reads FILE.  False when it makes no sense; why is printed. */
bool script_load(const char *path, struct script *script_out);
void script_clear(struct script *script);

/* Whether the step sends something. */
bool step_is_said(enum step_kind kind);

/* Whether the step reads what the server says. */
bool step_is_heard(enum step_kind kind);

#endif
