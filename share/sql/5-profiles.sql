-- Profiles that decisions depended on. Of a customer the table customers knows the newest one only; here are all that were sealed, so that a
-- decision can be made again as it was made.

CREATE TABLE customer_profiles (
	profile_id text COLLATE "C" PRIMARY KEY,
	profile_time timestamptz NOT NULL,
	customer_id text COLLATE "C" NOT NULL,
	record text NOT NULL
);
CREATE INDEX customer_profiles_time ON customer_profiles (profile_time, profile_id);
CREATE INDEX customer_profiles_customer ON customer_profiles (customer_id, profile_time);
COMMENT ON TABLE customer_profiles IS 'A customer''s profiles, all of them: customer records';
COMMENT ON COLUMN customer_profiles.record IS 'the record byte for byte';

GRANT SELECT, INSERT ON customer_profiles TO dq_writer;
GRANT SELECT ON customer_profiles TO dq_auditor;
