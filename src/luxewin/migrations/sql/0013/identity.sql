ALTER TABLE identity_refresh_tokens
    ADD COLUMN used_at TIMESTAMP WITH TIME ZONE,
    ADD CONSTRAINT identity_refresh_tokens_used_at_check CHECK (used_at IS NULL OR status = 'used') NOT VALID;

GRANT UPDATE (used_at) ON identity_refresh_tokens TO luxewin_app;
