/*
 * foreign.h - lines of another protocol, which end the session.
 *
 * A browser can be made to send mail by a request whose body is SMTP, and a
 * program that is set up wrongly tries for ever.  What a person may type by
 * mistake is not foreign: that is explained.
 */
#ifndef SMTPD_FOREIGN_H
#define SMTPD_FOREIGN_H

/*
 * What to tell who sent LINE, whose first word is no command; NULL when it is
 * just wrong.  It may be that word alone, or a line whose NULs were left out.
 */
const char *foreign_talk(const char *line);

#endif
