/*
 * config_sections.h - the parts of struct config, one of which is itself and
 * the others the sections of which there can be many: [listen NAME] and
 * [route NAME].
 *
 * Private to config*.c.
 */
#ifndef COMMON_CONFIG_SECTIONS_H
#define COMMON_CONFIG_SECTIONS_H

#include "common/config_table.h"

#include <stdbool.h>
#include <stddef.h>

struct config;

/* "listen" for PART_LISTENER ...; NULL for the whole. */
const char *config_part_section(enum config_part part);

/*
 * The part that a section's header speaks of.  *NAME is then what follows
 * the section's word in "listen NAME", or SECTION itself for the whole.
 */
enum config_part config_part_named(const char *section, const char **name);

/* How many sections there are of PART; of the whole one. */
size_t config_part_count(const struct config *config, enum config_part part);

/* The struct of the Nth, as config_set() and the like take it. */
void *config_part_at(struct config *config, enum config_part part, size_t n);
const void *config_part_look(const struct config *config, enum config_part part,
    size_t n);

/* Its NAME; NULL for the whole. */
const char *config_part_name(const struct config *config, enum config_part part,
    size_t n);

/* Whether a section can be called that. */
bool config_is_section_name(const char *name);

/* Appends a section NAME of PART with its fallbacks. */
void config_part_add(struct config *config, enum config_part part,
    const char *name);

/* Frees all that CONFIG holds, not itself. */
void config_clear_parts(struct config *config);

#endif
