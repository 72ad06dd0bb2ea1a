CREATE UNLOGGED TABLE kit_request_counts (
    policy TEXT NOT NULL,
    caller TEXT NOT NULL,
    minute BIGINT NOT NULL,
    before BIGINT NOT NULL,
    requests BIGINT NOT NULL,
    admitted BOOLEAN NOT NULL,
    counted_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT kit_request_counts_pkey PRIMARY KEY (policy, caller)
);

CREATE INDEX kit_request_counts_counted_idx ON kit_request_counts (counted_at);

GRANT SELECT, INSERT, UPDATE, DELETE ON kit_request_counts TO luxewin_system;
