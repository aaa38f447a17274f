/* A state file of anyone's making: loaded whole, or refused. */
#include "run/snapshot.h"
#include "fuzz.h"

static bool
load(
    void *state, struct dq_slice key, struct dq_slice value, struct dq_err *err)
{
	size_t *sum = state;

	(void)err;
	for (size_t i = 0; i < key.len; i++)
		*sum += (unsigned char)key.data[i];
	for (size_t i = 0; i < value.len; i++)
		*sum += (unsigned char)value.data[i];
	return true;
}

/* An orderly end leaves its buffers behind: that is not looked for here. */
const char *__asan_default_options(void);

const char *
__asan_default_options(void)
{
	return "detect_leaks=0";
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t sum = 0;
	struct dq_filter filter = {.state = &sum, .load = load};
	char path[64];
	int code, fd = memfd_create("fuzz", 0);

	MUST(write(fd, data, size) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	code = FUZZ_CATCH();
	if (!code)
		dq_snapshot_read(path, "v", &filter);
	fuzz_catching = false;
	MUST(code == 0 || code == DQ_EXIT_USAGE || code == DQ_EXIT_BROKEN);
	for (int leaked = 3; leaked < 20; leaked++)
		close(leaked);
	return 0;
}
