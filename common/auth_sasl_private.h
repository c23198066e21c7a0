/*
 * auth_sasl_private.h - what auth_sasl*.c share.
 */
#ifndef COMMON_AUTH_SASL_PRIVATE_H
#define COMMON_AUTH_SASL_PRIVATE_H

#include <sasl/sasl.h>

/* A function for a row of callbacks; its id says what type it really has. */
#define PROC(function) ((sasl_callback_ft)(void (*)(void))(function))

/* Our options instead of a configuration file: SASL_CB_GETOPT. */
int sasl_option(void *context, const char *plugin, const char *option,
    const char **result, unsigned *size);

#endif
