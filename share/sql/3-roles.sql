-- Three roles to grant to users; they cannot log in themselves and are shared by all databases of a server.

DO $$
DECLARE
	role text;
BEGIN
	FOREACH role IN ARRAY ARRAY['dq_writer', 'dq_reader', 'dq_auditor'] LOOP
		IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN
			BEGIN
				EXECUTE format('CREATE ROLE %I NOLOGIN', role);
			EXCEPTION WHEN duplicate_object OR unique_violation THEN
				NULL; -- another database's init was faster
			END;
		END IF;
	END LOOP;
END
$$;

-- Writes what flows in. Decisions and the log of actions can be added to, not changed.
GRANT SELECT, INSERT ON transactions, labels, risk_scores, interventions, intervention_outcomes, action_audit_log TO dq_writer;
GRANT SELECT, INSERT, UPDATE ON customers, payments, daily_balances, customer_assignments, dq_offsets TO dq_writer;

-- Dashboards and reports.
GRANT SELECT ON customers, transactions, daily_balances, payments, labels, risk_scores, interventions, customer_assignments,
	intervention_outcomes TO dq_reader;

-- Everything, to look at.
GRANT SELECT ON customers, transactions, daily_balances, payments, labels, risk_scores, interventions, customer_assignments,
	intervention_outcomes, action_audit_log, dq_offsets TO dq_auditor;

REVOKE ALL ON FUNCTION dq_month FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dq_month TO dq_writer;
