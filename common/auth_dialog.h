/*
 * auth_dialog.h - the server's side of the AUTH command of SMTP (RFC 4954) and
 * POP3 (RFC 5034): base64 challenges and responses over a struct conn.
 *
 * The two protocols differ in the word before a challenge and in what they say
 * at the end; the first is a parameter, the second the caller's.  A mechanism
 * whose server speaks last (SCRAM) is handled: its data goes out as a last
 * challenge, which the client answers with an empty line.
 */
#ifndef COMMON_AUTH_DIALOG_H
#define COMMON_AUTH_DIALOG_H

#include "common/auth.h"

struct conn;

struct auth_dialog {
	/* All but mechanism and the initial response, which come from ARGUMENT.
	 */
	struct auth_start start;
	const char *prompt;   /* before a challenge: "334 " or "+ " */
	const char *argument; /* what followed AUTH: "PLAIN AGFsaWNlAHg=" */
	/*
	 * Out: the name given to LOGIN begins with a blank, the classic mistake
	 * of encoding " student" (worksheet 16).  For a hint, after
	 * AUTH_FAILED.
	 */
	bool blank_before_name;
};

/*
 * Runs the dialog to its end; never AUTH_CONTINUE.  *AUTH_OUT is set in every
 * case (NULL when it did not come to an attempt): auth_login() of it after
 * AUTH_SUCCESS; free it with auth_end().  The final reply is the caller's.
 *
 * An ARGUMENT without a mechanism, or with more than two words, is
 * AUTH_MALFORMED.
 */
enum auth_result auth_dialog(struct conn *conn, struct auth_dialog *dialog,
    struct auth **auth_out);

#endif
