CREATE TABLE raffles_cancellations (
    tenant_id UUID NOT NULL,
    raffle_id UUID NOT NULL,
    reason TEXT NOT NULL,
    proposed_by UUID NOT NULL,
    proposed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    confirmed_by UUID,
    confirmed_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT raffles_cancellations_pkey PRIMARY KEY (tenant_id, raffle_id),
    CONSTRAINT raffles_cancellations_tenant_id_raffle_id_fkey FOREIGN KEY(tenant_id, raffle_id) REFERENCES raffles_locks (tenant_id, raffle_id),
    CONSTRAINT raffles_cancellations_confirmed_check CHECK ((confirmed_by IS NULL) = (confirmed_at IS NULL)),
    CONSTRAINT raffles_cancellations_two_people_check CHECK (confirmed_by <> proposed_by)
);

GRANT SELECT, INSERT, UPDATE (confirmed_by, confirmed_at) ON raffles_cancellations TO luxewin_app;

GRANT SELECT ON raffles_cancellations TO luxewin_system;

ALTER TABLE raffles_cancellations ENABLE ROW LEVEL SECURITY;

ALTER TABLE raffles_cancellations FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON raffles_cancellations TO luxewin_app USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));

CREATE POLICY every_tenant ON raffles_cancellations TO luxewin_system USING (true) WITH CHECK (true);
