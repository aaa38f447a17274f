#include "assets/scoring_files.h"

#include "base/mem.h"
#include "features/catalogue.h"
#include "model/baseline.h"
#include "run/files.h"

#include <stdlib.h>
#include <unistd.h>

#define CARD_LIMIT (1u << 20)
#define TEXTS_LIMIT (8u << 20)

/* "x/y.json" as "x/y" and the ending, on the heap. */
static char *
path_beside(const char *path, const char *ending)
{
	static const char *const own[] = {".json", ".ubj", ".txt"};
	size_t n = strlen(path), len = n;
	struct dq_buf buf = {0};

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (len > strlen(own[i]) &&
		    !strcmp(path + len - strlen(own[i]), own[i]))
			n = len - strlen(own[i]);
	dq_buf_add(&buf, path, n);
	dq_buf_str(&buf, ending);
	dq_buf_text(&buf);
	return buf.data;
}

static bool
check_names(const struct dq_model *model, const char *path, struct dq_err *err)
{
	for (size_t i = 0; i < dq_model_width(model); i++) {
		struct dq_slice name = dq_model_feature(model, i);
		size_t row = 0;

		while (row < dq_catalogue_count &&
		       !dq_slice_is(name, dq_catalogue[row].name))
			row++;
		if (row == dq_catalogue_count)
			return dq_err_set(err,
			    "%s: feature \"%.*s\" is not in the catalogue; "
			    "dq-features --describe lists it",
			    path, (int)name.len, name.data);
	}
	return true;
}

static bool
read_model(struct dq_scoring_model *file, const char *path, struct dq_err *err)
{
	char *card = path_beside(path, ".card.json");
	char *stem = path_beside(path, ""), *slash = strrchr(stem, '/');
	bool good;

	file->path = path;
	file->stem = dq_strdup(slash ? slash + 1 : stem);
	good = dq_file_load(path, DQ_MODEL_LIMIT, &file->bytes, err) &&
	       (access(card, F_OK) != 0 ||
		   dq_file_load(card, CARD_LIMIT, &file->card, err));
	free(card);
	free(stem);
	return good;
}

bool
dq_scoring_files_read(const struct dq_scoring_paths *paths,
    struct dq_scoring_files *files, struct dq_err *err)
{
	files->baseline_path = paths->baseline;
	files->texts_path = paths->texts;
	return read_model(&files->champion, paths->model, err) &&
	       (!files->baseline_path ||
		   dq_file_load(files->baseline_path, DQ_BASELINE_BYTES,
		       &files->baseline, err)) &&
	       (!paths->challenger ||
		   read_model(&files->challenger, paths->challenger, err)) &&
	       dq_file_load(paths->texts, TEXTS_LIMIT, &files->texts, err);
}

bool
dq_scoring_make(struct dq_scoring *scoring,
    const struct dq_scoring_paths *paths, const struct dq_scoring_files *files,
    bool in_double, const struct dq_prediction_form *form, size_t *missing,
    struct dq_err *err)
{
	if (!dq_scoring_init(scoring, files, in_double, form, missing, err))
		return false;
	if (check_names(scoring->champion.model, paths->model, err) &&
	    (!paths->challenger ||
		check_names(scoring->challenger.model, paths->challenger, err)))
		return true;
	dq_scoring_release(scoring);
	return false;
}

void
dq_scoring_paths_find(struct dq_scoring_paths *paths)
{
	const char *language = paths->language;
	bool is_path = strchr(language, '/') || strchr(language, '.');
	struct dq_buf name = {0};

	if (!paths->model)
		paths->model = paths->found_model =
		    dq_file_share("models/default.json");
	dq_buf_printf(&name, "reasons/%s.json", language);
	if (!is_path)
		paths->found_texts = dq_file_share(dq_buf_text(&name));
	paths->texts = is_path ? language : paths->found_texts;
	dq_buf_release(&name);
}

void
dq_scoring_paths_release(struct dq_scoring_paths *paths)
{
	free(paths->found_model);
	free(paths->found_texts);
}
