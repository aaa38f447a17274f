-- Heads of the chains in which decisions are sealed. The seals themselves stand in the decisions' own records.

CREATE TABLE seals (
	seal_id text COLLATE "C" PRIMARY KEY,
	sealed_to timestamptz NOT NULL,
	chain integer NOT NULL CHECK (chain >= -1),
	n bigint NOT NULL CHECK (n >= 0),
	hash text NOT NULL,
	key_id text,
	signature text,
	record text NOT NULL
);
CREATE INDEX seals_time ON seals (sealed_to, seal_id);
COMMENT ON TABLE seals IS 'The heads of the chains of decisions, as dq-audit seal writes them: seal records';
COMMENT ON COLUMN seals.chain IS 'the partition that the decisions came from, -1 without';
COMMENT ON COLUMN seals.n IS 'how many decisions stand under it';
COMMENT ON COLUMN seals.record IS 'the record byte for byte';

GRANT SELECT, INSERT ON seals TO dq_writer;
GRANT SELECT ON seals TO dq_reader, dq_auditor;
