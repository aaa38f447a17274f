/* Configuration files: "name = value" lines, # comments. A name of the common
 * options counts for every tool, "dq-score.reasons" for one; lines behind
 * "[prod]" only under --profile prod. */
#ifndef DQ_RUN_CONFIG_H
#define DQ_RUN_CONFIG_H

#include "base/opt.h"

/* Fills what flags and the environment left unset. Missing files are fine; a
 * line that cannot be understood ends the program with 2. `common` is the
 * set of all names that any tool might share. */
void dq_config_read(struct dq_opt_set *set, const char *profile,
    bool (*shared_name)(const char *name));

#endif
