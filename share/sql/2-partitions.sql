-- Months of transactions and risk_scores come into being when a row needs one, and go whole when they are too old.

CREATE FUNCTION dq_months(parent regclass)
RETURNS TABLE (partition regclass, first_day date)
LANGUAGE sql STABLE AS $$
	SELECT inhrelid::regclass, to_date(right(c.relname, 6), 'YYYYMM')
	FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid
	WHERE inhparent = parent AND c.relname ~ '_[0-9]{6}$'
	ORDER BY 2
$$;
COMMENT ON FUNCTION dq_months IS 'The partitions of a table, each with the first day (UTC) of its month';

-- A wrong date must not make partitions without end.
CREATE FUNCTION dq_month(parent regclass, moment timestamptz)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
DECLARE
	first_day date := date_trunc('month', moment);
	home text;
	name text;
BEGIN
	SELECT n.nspname, c.relname || to_char(first_day, '_YYYYMM') INTO STRICT home, name
	FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
	WHERE c.oid = parent AND c.relname IN ('transactions', 'risk_scores') AND c.relkind = 'p';
	IF first_day < '1970-01-01' OR first_day > now() + interval '10 years' THEN
		RAISE EXCEPTION '% has no room for %: not between 1970 and ten years from now', parent, moment USING ERRCODE = '22008';
	END IF;
	PERFORM pg_advisory_xact_lock(7215, hashtext(parent::text));
	IF EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = home AND c.relname = name) THEN
		RETURN;
	END IF;
	EXECUTE format('CREATE TABLE %I.%I (LIKE %s INCLUDING ALL EXCLUDING COMMENTS)', home, name, parent);
	EXECUTE format('ALTER TABLE %s ATTACH PARTITION %I.%I FOR VALUES FROM (%L) TO (%L)',
		parent, home, name, first_day::timestamptz, (first_day + interval '1 month')::timestamptz);
END
$$;
COMMENT ON FUNCTION dq_month IS 'Makes the partition for that moment, if there is none';
