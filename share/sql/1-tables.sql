-- Tables of the pipeline. Names and columns of customers, transactions, daily_balances, payments, labels, risk_scores, interventions,
-- customer_assignments, intervention_outcomes and action_audit_log are those that dashboards and reports of earlier systems query;
-- columns of our own stand behind them. Applied once by `dq-store init`; a later change is another file, never a change to this one.

CREATE TABLE customers (
	customer_id text COLLATE "C" PRIMARY KEY,
	salary_day smallint CHECK (salary_day BETWEEN 1 AND 31),
	monthly_income numeric CHECK (monthly_income < 1e15),
	income_bracket text,
	account_age_days integer CHECK (account_age_days >= 0),
	account_type text,
	created_at timestamptz,
	updated_at timestamptz,
	account_opened timestamptz,
	opening_balance numeric CHECK (opening_balance < 1e15),
	minimum_balance numeric CHECK (minimum_balance < 1e15),
	currency text,
	time_zone text,
	language text,
	consent jsonb,
	vulnerable boolean,
	deleted boolean,
	extra jsonb
);
COMMENT ON TABLE customers IS 'A customer''s profile, the newest one: customer records';
COMMENT ON COLUMN customers.updated_at IS 'event_time of the record; an older record does not replace a newer row';
COMMENT ON COLUMN customers.consent IS 'phone_call, sms, email: may we?';
COMMENT ON COLUMN customers.deleted IS 'the customer is to be forgotten';
COMMENT ON COLUMN customers.extra IS 'fields of the record that have no column';

CREATE TABLE transactions (
	txn_id text COLLATE "C" NOT NULL,
	customer_id text COLLATE "C" NOT NULL,
	txn_time timestamptz NOT NULL,
	amount numeric NOT NULL CHECK (amount >= 0 AND amount < 1e15),
	txn_type text NOT NULL CHECK (txn_type IN ('debit', 'credit')),
	category text,
	channel text,
	merchant_id text,
	is_failed boolean,
	currency text,
	balance_after numeric CHECK (balance_after < 1e15),
	extra jsonb,
	PRIMARY KEY (txn_time, txn_id)
) PARTITION BY RANGE (txn_time);
CREATE INDEX transactions_customer ON transactions (customer_id, txn_time);
COMMENT ON TABLE transactions IS 'Money moved, or failed to: transaction records, by month of txn_time';
COMMENT ON COLUMN transactions.txn_id IS 'transaction_id of the record, or a hash of where and what it was';
COMMENT ON COLUMN transactions.amount IS 'not negative, with the digits it came with; txn_type is its sign';

CREATE TABLE daily_balances (
	customer_id text COLLATE "C" NOT NULL,
	balance_date date NOT NULL,
	opening_balance numeric CHECK (opening_balance < 1e15),
	closing_balance numeric CHECK (closing_balance < 1e15),
	min_balance numeric CHECK (min_balance < 1e15),
	max_balance numeric CHECK (max_balance < 1e15),
	total_credits numeric CHECK (total_credits < 1e15),
	total_debits numeric CHECK (total_debits < 1e15),
	txn_count integer CHECK (txn_count >= 0),
	PRIMARY KEY (customer_id, balance_date)
);
COMMENT ON TABLE daily_balances IS 'A day of an account as the core banking system saw it; nothing here is computed from it';

CREATE TABLE payments (
	payment_id text COLLATE "C" PRIMARY KEY,
	customer_id text COLLATE "C" NOT NULL,
	payment_type text NOT NULL CHECK (payment_type IN ('loan_emi', 'credit_card', 'utility_bill', 'insurance', 'rent')),
	due_date timestamptz NOT NULL,
	amount numeric NOT NULL CHECK (amount >= 0 AND amount < 1e15),
	paid_date timestamptz,
	paid_amount numeric CHECK (paid_amount >= 0 AND paid_amount < 1e15),
	status text,
	days_late integer,
	event_time timestamptz NOT NULL,
	currency text,
	extra jsonb
);
CREATE INDEX payments_time ON payments (event_time, payment_id);
CREATE INDEX payments_customer ON payments (customer_id, due_date);
COMMENT ON TABLE payments IS 'Something due and what became of it, the newest state: payment records';
COMMENT ON COLUMN payments.due_date IS 'midnight UTC where the record has a bare date';
COMMENT ON COLUMN payments.event_time IS 'when the state was reached; without one, when it was paid or else due';

CREATE TABLE labels (
	customer_id text COLLATE "C" NOT NULL,
	observation_date timestamptz NOT NULL,
	label smallint NOT NULL CHECK (label IN (0, 1)),
	days_to_default integer,
	default_date timestamptz,
	default_amount numeric CHECK (default_amount < 1e15),
	PRIMARY KEY (customer_id, observation_date)
);
COMMENT ON TABLE labels IS 'What was later known about a customer seen at a moment: label records';

CREATE TABLE risk_scores (
	score_id text COLLATE "C" NOT NULL,
	customer_id text COLLATE "C" NOT NULL,
	score_date timestamptz NOT NULL,
	risk_score double precision NOT NULL CHECK (risk_score BETWEEN 0 AND 1),
	risk_level text NOT NULL CHECK (risk_level IN ('LOW', 'MEDIUM', 'HIGH', 'CRITICAL')),
	model_version text,
	top_feature_1 text,
	top_feature_2 text,
	top_feature_3 text,
	top_feature_1_impact double precision,
	top_feature_2_impact double precision,
	top_feature_3_impact double precision,
	model_name text,
	model_sha256 text,
	record text NOT NULL,
	PRIMARY KEY (score_date, score_id)
) PARTITION BY RANGE (score_date);
CREATE INDEX risk_scores_customer ON risk_scores (customer_id, score_date);
COMMENT ON TABLE risk_scores IS 'The chance of a missed payment and why: prediction records, by month of score_date';
COMMENT ON COLUMN risk_scores.top_feature_1_impact IS 'signed contribution to the margin (log odds)';
COMMENT ON COLUMN risk_scores.record IS 'the record byte for byte, with the figures it was made from';

CREATE TABLE interventions (
	intervention_id text COLLATE "C" PRIMARY KEY,
	customer_id text COLLATE "C" NOT NULL,
	intervention_date timestamptz NOT NULL,
	intervention_type text,
	risk_score double precision,
	message_sent text,
	delivery_status text,
	customer_response text,
	response_date timestamptz,
	outcome text,
	decision text NOT NULL CHECK (decision IN ('act', 'suppress', 'defer', 'review', 'hold_out', 'approve', 'override')),
	risk_level text,
	channel text,
	priority integer,
	suppressed_by text,
	prediction_id text,
	policy_name text,
	policy_version text,
	policy_sha256 text,
	record text NOT NULL
);
CREATE INDEX interventions_time ON interventions (intervention_date, intervention_id);
CREATE INDEX interventions_customer ON interventions (customer_id, intervention_date);
COMMENT ON TABLE interventions IS 'What was decided about a prediction, also where it was not to act: intervention records';
COMMENT ON COLUMN interventions.delivery_status IS 'status of the record';
COMMENT ON COLUMN interventions.outcome IS 'free for the bank''s own use; ours are rows of intervention_outcomes';
COMMENT ON COLUMN interventions.record IS 'the record byte for byte';

CREATE TABLE customer_assignments (
	assignment_id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
	customer_id text COLLATE "C" NOT NULL,
	assigned_to text NOT NULL,
	assigned_by text,
	assignment_date timestamptz NOT NULL DEFAULT now(),
	risk_level text,
	risk_score double precision,
	status text,
	notes text
);
CREATE INDEX customer_assignments_customer ON customer_assignments (customer_id, assignment_date);
COMMENT ON TABLE customer_assignments IS 'Who looks after a customer';

CREATE TABLE intervention_outcomes (
	outcome_id text COLLATE "C" PRIMARY KEY,
	intervention_id text COLLATE "C",
	customer_id text COLLATE "C" NOT NULL,
	outcome_type text NOT NULL CHECK (outcome_type IN ('stabilized', 'unchanged', 'deteriorated')),
	risk_score_before double precision,
	risk_score_after double precision,
	days_since_intervention integer,
	outcome_date timestamptz NOT NULL,
	notes text,
	held_out boolean,
	record text NOT NULL
);
CREATE INDEX intervention_outcomes_time ON intervention_outcomes (outcome_date, outcome_id);
CREATE INDEX intervention_outcomes_intervention ON intervention_outcomes (intervention_id);
COMMENT ON TABLE intervention_outcomes IS 'How it stood some days after a decision: outcome records';
COMMENT ON COLUMN intervention_outcomes.held_out IS 'the customer was left alone for comparison';

CREATE TABLE action_audit_log (
	log_id text COLLATE "C" PRIMARY KEY,
	action_time timestamptz NOT NULL,
	action_type text NOT NULL,
	performed_by text,
	customer_count integer,
	model_version text,
	confidence_level double precision,
	criteria text,
	override_reason text,
	override_category text,
	details text
);
CREATE INDEX action_audit_log_time ON action_audit_log (action_time, log_id);
COMMENT ON TABLE action_audit_log IS 'What people did: review records. Rows are added, never changed or removed';
COMMENT ON COLUMN action_audit_log.details IS 'of a review the record byte for byte';

CREATE TABLE dq_offsets (
	grp text NOT NULL,
	topic text NOT NULL,
	part integer NOT NULL,
	next bigint NOT NULL CHECK (next >= 0),
	updated_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (grp, topic, part)
);
COMMENT ON TABLE dq_offsets IS 'How far a consumer group has read a topic, changed in the transaction of the rows it read';
