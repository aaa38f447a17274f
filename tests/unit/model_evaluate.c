/* The figures against hand counts, brute force and properties. */
#include "model/evaluate.h"

#include "base/random.h"
#include "model/folds.h"
#include "unit.h"

#include <stdlib.h>

#define N 400

static const struct dq_evaluate_options plain = {.share = 0.1};

static struct dq_evaluation
evaluate(const struct dq_scored *rows, size_t n,
    const struct dq_evaluate_options *options)
{
	static struct dq_scored copy[4 * N];
	struct dq_evaluation e;

	memcpy(copy, rows, n * sizeof(*rows));
	dq_evaluate(copy, n, options, &e);
	return e;
}

/* Scores with many ties, labels that follow them loosely. */
static void
fill(struct dq_scored *rows, uint64_t seed)
{
	struct dq_random random;

	dq_random_init(&random, seed, 0);
	for (uint32_t i = 0; i < N; i++) {
		rows[i].score = (double)dq_random_below(&random, 50) / 50;
		rows[i].label = dq_random_real(&random) < rows[i].score;
		rows[i].customer = i;
	}
}

static double
pairwise_auc(const struct dq_scored *rows, size_t n)
{
	double won = 0, pairs = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n; k++) {
			if (!rows[i].label || rows[k].label)
				continue;
			pairs++;
			won += rows[i].score > rows[k].score;
			won += rows[i].score == rows[k].score ? 0.5 : 0;
		}
	return won / pairs;
}

static void
by_hand(void)
{
	const struct dq_scored rows[] = {{0.9, 0, true}, {0.8, 1, false},
	    {0.8, 2, true}, {0.6, 3, true}, {0.4, 4, false}, {0.2, 5, false}};
	const struct dq_evaluate_options third = {.share = 0.34};
	struct dq_evaluation e = evaluate(rows, 6, &third);

	CHECK_INT(e.rows, 6);
	CHECK_INT(e.positives, 3);
	CHECK_INT(e.customers, 6);
	/* 9 pairs: 0.9 wins 3, 0.8 wins 2 and ties 1, 0.6 wins 2. */
	CHECK_NEAR(e.auc, 7.5 / 9, 1e-15);
	/* Down to 0.6: 3 of 3 hits, 1 of 3 alarms. */
	CHECK_NEAR(e.ks, 2.0 / 3, 1e-15);
	CHECK_NEAR(
	    e.brier, (0.01 + 0.64 + 0.04 + 0.16 + 0.16 + 0.04) / 6, 1e-15);
	/* Three rows: 0.9 and both of 0.8, two of them positive. */
	CHECK_NEAR(e.lift, (2.0 / 3) / 0.5, 1e-15);
	CHECK(isnan(e.auc_low) && isnan(e.auc_high));
}

/* A cut among equal scores takes the same share of each label. */
static void
ties_at_a_cut(void)
{
	struct dq_scored rows[30];
	struct dq_evaluation e;
	struct dq_calibration_bin bins[3];

	for (uint32_t i = 0; i < 30; i++)
		rows[i] = (struct dq_scored){0.5, i, i < 6};
	e = evaluate(rows, 30, &plain);
	CHECK_NEAR(e.auc, 0.5, 0);
	CHECK_NEAR(e.ks, 0, 0);
	CHECK_NEAR(e.lift, 1, 1e-12);
	dq_calibrate(rows, 30, bins, 3);
	for (int b = 0; b < 3; b++)
		CHECK_NEAR(bins[b].observed, 0.2, 1e-12);
}

static void
one_label(void)
{
	const struct dq_scored rows[] = {{0.9, 0, false}, {0.1, 1, false}};
	struct dq_evaluation e = evaluate(rows, 2, &plain);

	CHECK(isnan(e.auc) && isnan(e.ks) && isnan(e.lift));
	CHECK_NEAR(e.brier, 0.41, 1e-15);
	e = evaluate(rows, 0, &plain);
	CHECK(isnan(e.auc) && isnan(e.brier));
}

static void
against_pairs(void)
{
	static struct dq_scored rows[N];

	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct dq_evaluation e;

		fill(rows, seed);
		e = evaluate(rows, N, &plain);
		CHECK_NEAR(e.auc, pairwise_auc(rows, N), 1e-12);
	}
}

/* Rows of one customer are drawn together: writing each row four times adds
 * no knowledge, and the interval does not narrow. */
static void
interval_is_of_customers(void)
{
	const struct dq_evaluate_options options = {
	    .replicates = 200, .seed = 7, .share = 0.1};
	static struct dq_scored rows[4 * N];
	struct dq_evaluation once, four;

	fill(rows, 3);
	once = evaluate(rows, N, &options);
	for (size_t i = N; i < 4 * N; i++)
		rows[i] = rows[i % N];
	four = evaluate(rows, 4 * N, &options);
	CHECK_NEAR(four.auc, once.auc, 1e-12);
	CHECK_NEAR(four.auc_low, once.auc_low, 1e-12);
	CHECK_NEAR(four.auc_high, once.auc_high, 1e-12);
	CHECK(once.auc_low < once.auc && once.auc < once.auc_high);
}

/* 95 % of such intervals should hold the true value; of 200 with a true AUC
 * of 0.5, the count is binomial with deviation 3. */
static void
interval_covers(void)
{
	const struct dq_evaluate_options options = {
	    .replicates = 300, .seed = 1, .share = 0.1};
	static struct dq_scored rows[N];
	int covered = 0;

	for (uint64_t seed = 1; seed <= 200; seed++) {
		struct dq_random random;
		struct dq_evaluation e;

		dq_random_init(&random, seed, 1);
		for (uint32_t i = 0; i < N; i++)
			rows[i] = (struct dq_scored){dq_random_real(&random), i,
			    dq_random_real(&random) < 0.3};
		e = evaluate(rows, N, &options);
		covered += e.auc_low <= 0.5 && 0.5 <= e.auc_high;
	}
	CHECK(covered >= 180 && covered <= 199);
}

static void
calibration(void)
{
	static struct dq_scored rows[N];
	struct dq_calibration_bin bins[7];
	struct dq_evaluation e;
	double predicted = 0, observed = 0;
	size_t n = 0;

	fill(rows, 5);
	dq_evaluate(rows, N, &plain, &e);
	dq_calibrate(rows, N, bins, 7);
	for (int b = 0; b < 7; b++) {
		CHECK(bins[b].rows == N / 7 || bins[b].rows == N / 7 + 1);
		CHECK(bins[b].low <= bins[b].high);
		CHECK(!b || bins[b - 1].high <= bins[b].low);
		n += bins[b].rows;
		predicted += bins[b].predicted * (double)bins[b].rows;
		observed += bins[b].observed * (double)bins[b].rows;
	}
	CHECK_INT(n, N);
	for (int i = 0; i < N; i++)
		predicted -= rows[i].score;
	CHECK_NEAR(predicted, 0, 1e-9);
	CHECK_NEAR(observed, (double)e.positives, 1e-9);
}

/* Folds of ids that came in another order are the same. */
static void
folds(void)
{
	struct dq_map map = {0}, reversed = {0};
	bool positive[101], positive_reversed[101];
	int fold[101], fold_reversed[101], moved = 0;
	int size[5] = {0}, positives[5] = {0};
	char id[16];

	for (int i = 0; i <= 100; i++) {
		snprintf(id, sizeof(id), "C%d", i);
		dq_map_put(&map, DQ_SLICE(id));
		positive[i] = positive_reversed[100 - i] = i % 7 == 0;
		snprintf(id, sizeof(id), "C%d", 100 - i);
		dq_map_put(&reversed, DQ_SLICE(id));
	}
	dq_folds(&map, positive, 5, 1, fold);
	dq_folds(&reversed, positive_reversed, 5, 1, fold_reversed);
	for (int i = 0; i <= 100; i++) {
		CHECK_INT(fold[i], fold_reversed[100 - i]);
		size[fold[i]]++;
		positives[fold[i]] += positive[i];
	}
	for (int f = 0; f < 5; f++) {
		CHECK(size[f] == 20 || size[f] == 21);
		CHECK_INT(positives[f], 3);
	}
	dq_folds(&map, positive, 5, 2, fold_reversed);
	for (int i = 0; i <= 100; i++)
		moved += fold[i] != fold_reversed[i];
	CHECK(moved > 50);
	dq_map_release(&map);
	dq_map_release(&reversed);
}

int
main(void)
{
	by_hand();
	ties_at_a_cut();
	one_label();
	against_pairs();
	interval_is_of_customers();
	interval_covers();
	calibration();
	folds();
	return unit_done();
}
