/*
 * transcript_helper.h - the only process of a program that can open
 * evidence.sqlite.
 *
 * Session workers send their records to run/PROGRAM-evidence
 * (transcript_wire.h) and cannot read anything back.
 */
#ifndef COMMON_TRANSCRIPT_HELPER_H
#define COMMON_TRANSCRIPT_HELPER_H

#include "common/config.h"

/*
 * Runs as a helper of server.h until CHANNEL ends, and then stores what
 * sessions have sent before.
 */
int transcript_helper_run(const struct config *config, int channel,
    const char *program);

#endif
