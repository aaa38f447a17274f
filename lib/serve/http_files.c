#include "serve/http_files.h"

#include "base/mem.h"
#include "record/digest.h"
#include "run/files.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define DEPTH 8

struct dq_files {
	struct dq_file *rows;
	size_t count;
	size_t bytes;
};

static const struct {
	const char *ending, *type;
} types[] = {
    {".html", "text/html; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".json", "application/json"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".ico", "image/x-icon"},
    {".woff2", "font/woff2"},
    {".txt", "text/plain; charset=utf-8"},
    {".webmanifest", "application/manifest+json"},
};

static const char *
type_of(const char *path)
{
	const char *dot = strrchr(path, '.');

	for (size_t i = 0; dot && i < sizeof(types) / sizeof(*types); i++)
		if (!strcmp(dot, types[i].ending))
			return types[i].type;
	return "application/octet-stream";
}

void
dq_files_free(struct dq_files *files)
{
	if (!files)
		return;
	for (size_t i = 0; i < files->count; i++) {
		free(files->rows[i].path);
		dq_buf_release(&files->rows[i].bytes);
	}
	free(files->rows);
	free(files);
}

static bool
add_file(struct dq_files *files, const char *path, const char *name,
    struct dq_err *err)
{
	struct dq_file *row;
	char hash[DQ_SHA256_TEXT];

	files->rows = dq_realloc_array(
	    files->rows, files->count + 1, sizeof(*files->rows));
	row = &files->rows[files->count++];
	*row = (struct dq_file){.path = dq_strdup(name), .type = type_of(name)};
	if (!dq_file_load(path, DQ_FILES_LIMIT, &row->bytes, err))
		return false;
	files->bytes += row->bytes.len;
	if (files->bytes > DQ_FILES_LIMIT)
		return dq_err_set(err, "%s: more than 16 MiB of files", path);
	dq_sha256_text(dq_buf_view(&row->bytes), hash);
	snprintf(row->etag, sizeof(row->etag), "\"%.32s\"", hash);
	return true;
}

/* `skip`: the bytes of the path before the name that a client knows. */
static bool
add_directory(struct dq_files *files, const char *path, size_t skip, int depth,
    struct dq_err *err)
{
	DIR *directory = opendir(path);
	struct dirent *entry;
	struct stat st;
	bool good = true;

	if (!directory)
		return dq_err_set(err, "%s: cannot read: %m", path);
	while (good && (entry = readdir(directory))) {
		struct dq_buf child = {0};

		if (entry->d_name[0] == '.')
			continue;
		dq_buf_printf(&child, "%s/%s", path, entry->d_name);
		dq_buf_text(&child);
		if (stat(child.data, &st) < 0)
			good =
			    dq_err_set(err, "%s: cannot read: %m", child.data);
		else if (S_ISREG(st.st_mode))
			good =
			    add_file(files, child.data, child.data + skip, err);
		else if (S_ISDIR(st.st_mode) && depth < DEPTH)
			good = add_directory(
			    files, child.data, skip, depth + 1, err);
		dq_buf_release(&child);
	}
	closedir(directory);
	return good;
}

struct dq_files *
dq_files_load(const char *directory, struct dq_err *err)
{
	struct dq_files *files = dq_calloc(1, sizeof(*files));

	if (add_directory(files, directory, strlen(directory) + 1, 0, err))
		return files;
	dq_files_free(files);
	return NULL;
}

const struct dq_file *
dq_files_find(const struct dq_files *files, struct dq_slice path)
{
	if (!path.len)
		path = DQ_SLICE("index.html");
	for (size_t i = 0; files && i < files->count; i++)
		if (dq_slice_is(path, files->rows[i].path))
			return &files->rows[i];
	return NULL;
}
