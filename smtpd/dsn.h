/*
 * dsn.h - what a sender has asked for in MAIL and RCPT (RFC 3461 4), as the
 * queue keeps it: "NOTIFY=SUCCESS,DELAY ORCPT=rfc822;bob@far.example".  Pure.
 */
#ifndef SMTPD_DSN_H
#define SMTPD_DSN_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The value of the parameter that begins with NAME ("RET=") in PARAMETERS.
 * False, and VALUE "", when it is not there or does not fit.
 */
bool dsn_parameter(const char *parameters, const char *name, char *value,
    size_t size);

/*
 * Whether he wants to hear of WORD ("SUCCESS", "FAILURE", "DELAY").  Without
 * NOTIFY it is as RFC 3461 4.1 has it: of the last two.
 */
bool dsn_wants(const char *parameters, const char *word);

/*
 * PARAMETERS of an alias as those it leads to have them: the same without
 * SUCCESS, of which the alias itself is reported (RFC 3461 5.2.7.3 (c)); who
 * wanted to hear of nothing else hears of nothing else: NEVER.  The caller
 * frees.
 */
char *dsn_of_members(const char *parameters);

#endif
