/* password.c - where a new password comes from. */
#include "admin/password.h"

#include <errno.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "admin/admin.h"
#include "common/log.h"

enum { GROUPS = 5, SYLLABLES = 2, LENGTH_MAX = 255 };

/* Without letters that look or sound like others: c, l/1, o/0 are told apart
 * by their neighbours, x, y, q and w are left out. */
static const char consonants[] = "bdfghjkmnprstvzl";
static const char vowels[] = "aeiou";

/* Below COUNT, each with the same chance. */
static size_t
random_below(size_t count)
{
	unsigned char byte;

	do {
		if (gnutls_rnd(GNUTLS_RND_KEY, &byte, 1) != 0)
			panic("no random bytes");
	} while (byte >= 256 - 256 % count);
	return byte % count;
}

void
password_generate(struct buf *to)
{
	for (int group = 0; group < GROUPS; group++) {
		if (group > 0)
			buf_addchar(to, '-');
		for (int i = 0; i < SYLLABLES; i++) {
			buf_addchar(to,
			    consonants[random_below(strlen(consonants))]);
			buf_addchar(to, vowels[random_below(strlen(vowels))]);
		}
	}
}

bool
password_is_good(const char *password, const char **why)
{
	*why = NULL;
	if (*password == '\0')
		*why = "the password is empty";
	else if (strlen(password) > LENGTH_MAX)
		*why = "the password is longer than 255 bytes";
	for (const char *p = password; *p != '\0'; p++) {
		if ((unsigned char)*p < ' ' || *p == '\x7f')
			*why = "the password has a control character in it";
	}
	return *why == NULL;
}

bool
password_read(struct buf *to)
{
	size_t length;
	const char *why;

	if (buf_read(to, STDIN_FILENO, 4096) == -1) {
		admin_error(EX_NOINPUT, "read the password: %s",
		    strerror(errno));
		return false;
	}
	length = strcspn(to->data, "\r\n");
	if (strlen(to->data) != to->size) {
		admin_error(EX_DATAERR, "the password has a NUL in it");
		return false;
	}
	to->data[length] = '\0';
	to->size = length;
	if (password_is_good(to->data, &why))
		return true;
	admin_error(EX_DATAERR, "%s", why);
	return false;
}
