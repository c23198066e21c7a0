/*
 * command.h - mda as a command: one message on standard input.
 *
 * What .forward files, fetchmail, cron and other mail systems call.  Says how
 * it went by an exit status of sysexits.h.
 */
#ifndef MDA_COMMAND_H
#define MDA_COMMAND_H

struct config;
struct sandbox;

/*
 * Delivers the message on standard input from SENDER ("" or "<>" for none) to
 * RECIPIENTS, a list that ends with NULL.  Either all of them have a mailbox
 * or nobody gets anything.  Names without a domain are of config's domain.
 * Becomes unprivileged and enters SANDBOX before it reads.  Returns the exit
 * status.
 */
int mda_command(const struct config *config, const struct sandbox *sandbox,
    const char *sender, char *const *recipients);

#endif
