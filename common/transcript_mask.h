/*
 * transcript_mask.h - what a transcript does not repeat.
 *
 * A password, or what it can be guessed from, must not be in the evidence.
 * Every line passes here before it leaves the session's process.  Where it is
 * doubtful it is masked: what is a secret typed at the wrong place looks like
 * any unknown command.
 */
#ifndef COMMON_TRANSCRIPT_MASK_H
#define COMMON_TRANSCRIPT_MASK_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

/* All zero at the begin of a session. */
struct mask {
	/*
	 * AUTH or USER was said and nothing known since: who was refused and
	 * sends the name and the password all the same sends them as commands,
	 * and so does who forgets the word PASS.
	 */
	bool wary;
};

/*
 * Appends a client's command line to OUT, without its secrets: all that
 * follows AUTH and its mechanism (in whatever case, also where one of the two
 * was forgotten or they stand together), PASS, what stands behind USER's name,
 * APOP's digest, and what is no command at all while WARY.  In all other lines
 * words that look like it: base64 of PLAIN's response, and where the command is
 * unknown base64 of any text.
 */
void mask_command(struct mask *mask, const char *line, size_t size,
    struct buf *out);

/* A client's line within AUTH: only "*" and "" are kept. */
void mask_response(const char *line, size_t size, struct buf *out);

/*
 * The server's within AUTH: the challenge goes (SCRAM's last one is as good as
 * a hash of the password), but for the two questions of LOGIN.
 */
void mask_challenge(const char *line, size_t size, struct buf *out);

/*
 * The server's further lines in answer to a line of which something was masked:
 * they may repeat it (explain = yes).
 */
void mask_explanation(const char *line, size_t size, struct buf *out);

/*
 * What repeats a word of such a line: the first line of its answer, the name of
 * HELO.  Base64 of PLAIN's response goes.
 */
void mask_echo(const char *text, size_t size, struct buf *out);

#endif
