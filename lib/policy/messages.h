/* The texts of a policy's messages, by name and language. */
#ifndef DQ_POLICY_MESSAGES_H
#define DQ_POLICY_MESSAGES_H

#include "policy/keys.h"
#include "policy/policy.h"

/* Reads the object {name: {language: text}} into a struct dq_policy, as the
 * `read` of a struct dq_key. */
bool dq_messages_read(
    struct dq_keys *keys, struct yyjson_val *value, void *policy);

#endif
