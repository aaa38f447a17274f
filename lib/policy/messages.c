#include "policy/messages.h"

#include "base/mem.h"

/* One language of a message. */
static bool
read_wording(struct dq_keys *keys, const struct dq_json_iter *member,
    struct dq_message *message)
{
	struct dq_slice text = dq_json_text(member->value);
	struct dq_wording *wording;

	for (size_t i = 0; i < message->count; i++)
		if (dq_slice_is(member->key, message->wordings[i].language))
			return dq_keys_fault(keys, "is there twice");
	if (!yyjson_is_str(member->value) || !text.len)
		return dq_keys_fault(keys, "must be the text of the message");
	message->wordings = dq_realloc_array(
	    message->wordings, message->count + 1, sizeof(*message->wordings));
	wording = &message->wordings[message->count++];
	wording->language = dq_strndup(member->key.data, member->key.len);
	wording->text = dq_strndup(text.data, text.len);
	return true;
}

static bool
read_message(struct dq_keys *keys, const struct dq_json_iter *member,
    struct dq_policy *policy)
{
	struct dq_json_iter iter = dq_json_iter(member->value);
	struct dq_message *message;

	for (size_t i = 0; i < policy->messages_count; i++)
		if (dq_slice_is(member->key, policy->messages[i].name))
			return dq_keys_fault(keys, "is there twice");
	policy->messages = dq_realloc_array(policy->messages,
	    policy->messages_count + 1, sizeof(*policy->messages));
	message = &policy->messages[policy->messages_count++];
	*message = (struct dq_message){0};
	message->name = dq_strndup(member->key.data, member->key.len);
	if (!yyjson_is_obj(member->value) || !iter.left_)
		return dq_keys_fault(
		    keys, "must be an object of texts by language");
	while (dq_json_next(&iter)) {
		size_t length = dq_keys_enter(keys, iter.key);

		if (!read_wording(keys, &iter, message))
			return false;
		dq_keys_leave(keys, length);
	}
	return true;
}

bool
dq_messages_read(struct dq_keys *keys, struct yyjson_val *value, void *policy)
{
	struct dq_json_iter iter = dq_json_iter(value);

	if (!yyjson_is_obj(value))
		return dq_keys_fault(keys, "must be an object of messages");
	while (dq_json_next(&iter)) {
		size_t length = dq_keys_enter(keys, iter.key);

		if (!read_message(keys, &iter, policy))
			return false;
		dq_keys_leave(keys, length);
	}
	return true;
}

static const struct dq_message *
find_message(const struct dq_policy *policy, struct dq_slice name)
{
	for (size_t i = 0; i < policy->messages_count; i++)
		if (dq_slice_is(name, policy->messages[i].name))
			return &policy->messages[i];
	return NULL;
}

static const struct dq_wording *
find_wording(const struct dq_message *message, struct dq_slice language)
{
	for (size_t i = 0; i < message->count; i++)
		if (dq_slice_is(language, message->wordings[i].language))
			return &message->wordings[i];
	return NULL;
}

const char *
dq_policy_wording(const struct dq_policy *policy, struct dq_slice name,
    struct dq_slice language, struct dq_slice *used)
{
	const struct dq_message *message = find_message(policy, name);
	const struct dq_wording *wording = NULL;

	*used = language.len ? language : DQ_SLICE(policy->language);
	if (message)
		wording = find_wording(message, *used);
	if (message && !wording) {
		wording = find_wording(message, DQ_SLICE(policy->language));
		if (wording)
			*used = DQ_SLICE(policy->language);
	}
	return wording ? wording->text : NULL;
}
