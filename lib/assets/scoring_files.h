/* What dq-score and dq-serve score with, read from files: models with their
 * cards, the reasons' texts, the rows of a baseline. */
#ifndef DQ_ASSETS_SCORING_FILES_H
#define DQ_ASSETS_SCORING_FILES_H

#include "model/scoring.h"

/* Set by the caller; dq_scoring_paths_find names what is not named. */
struct dq_scoring_paths {
	const char *model;	/* NULL: models/default.json of share/ */
	const char *challenger; /* NULL: none */
	const char *baseline;	/* NULL: the population of the training */
	const char *language;	/* of the reasons: a name or a path */
	const char *texts;	/* ours: where they are */
	char *found_model, *found_texts;
};

/* Ends the program with 2 where share/ has no such file. */
void dq_scoring_paths_find(struct dq_scoring_paths *paths);
void dq_scoring_paths_release(struct dq_scoring_paths *paths);

/* Reads all of it. False with err set; the files are to be released in both
 * cases. */
bool dq_scoring_files_read(const struct dq_scoring_paths *paths,
    struct dq_scoring_files *files, struct dq_err *err);

/* Makes a scoring of them, as dq_scoring_init, whose models ask for nothing
 * that the catalogue does not have: that would be missing in every record. */
bool dq_scoring_make(struct dq_scoring *scoring,
    const struct dq_scoring_paths *paths, const struct dq_scoring_files *files,
    bool in_double, const struct dq_prediction_form *form, size_t *missing,
    struct dq_err *err);

#endif
