/*
 * modes.h - smtpd as a command: what it would do, instead of doing it.
 *
 *   smtpd check-address [-d DIR] ADDRESS [--from IP] [--as LOGIN] ...
 *   smtpd rules [-d DIR]       the rules of each listener
 *   smtpd explain              the built-in sentences
 *   smtpd explain [-d DIR] REPLY [LINE]    the one for that reply to that line
 *   smtpd check [-d DIR]       what is wrong with those of the configuration
 *
 * For `postlab`, which knows no policy: it runs the smtpd beside it.
 */
#ifndef SMTPD_MODES_H
#define SMTPD_MODES_H

/* Runs the mode in argv[1]: the exit status, of sysexits.h. */
int modes_run(int argc, char **argv);

/* check_address.c: the mode in argv[0]. */
int check_address(int argc, char **argv);

#endif
