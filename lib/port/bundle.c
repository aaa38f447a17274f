#include "port/bundle.h"

#include "base/mem.h"

#include <stdlib.h>

void
dq_bundle_add(struct dq_bundle *b, const struct dq_out *out,
    struct dq_slice key, int target)
{
	while (b->count && b->notes[b->count - 1].end > out->line_begin)
		b->count--;
	b->keys.len = b->count ? b->notes[b->count - 1].key_end : 0;
	if (b->count == b->cap) {
		b->cap = b->cap ? b->cap * 2 : 256;
		b->notes =
		    dq_realloc_array(b->notes, b->cap, sizeof(*b->notes));
	}
	dq_buf_slice(&b->keys, key);
	b->notes[b->count++] = (struct dq_bundle_note){
	    out->buf.len, b->keys.len, out->partition, target};
}

bool
dq_bundle_next(struct dq_bundle *b, const struct dq_buf *bytes,
    struct dq_bundle_line *line)
{
	const struct dq_bundle_note *note = &b->notes[b->at];

	if (b->at == b->count || note->end > bytes->len)
		return false;
	*line = (struct dq_bundle_line){
	    .bytes = {bytes->data + b->begin, note->end - 1 - b->begin},
	    .key = {b->keys.data + b->key_begin, note->key_end - b->key_begin},
	    .partition = note->partition,
	    .target = note->target};
	b->begin = note->end;
	b->key_begin = note->key_end;
	b->at++;
	return true;
}

void
dq_bundle_clear(struct dq_bundle *b, struct dq_buf *bytes)
{
	b->count = b->keys.len = bytes->len = 0;
	b->at = b->begin = b->key_begin = 0;
}

void
dq_bundle_release(struct dq_bundle *b)
{
	free(b->notes);
	dq_buf_release(&b->keys);
}
