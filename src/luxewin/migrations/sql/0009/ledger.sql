CREATE FUNCTION ledger_new_postings_balance() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    unbalanced uuid;
BEGIN
    SELECT p.transfer_id INTO unbalanced FROM new_postings p
    GROUP BY p.tenant_id, p.transfer_id, p.currency HAVING sum(p.amount_minor) IS DISTINCT FROM 0 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', TABLE = 'ledger_postings',
            CONSTRAINT = 'ledger_new_postings_balance',
            MESSAGE = 'the postings added to transfer ' || unbalanced || ' do not sum to zero';
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER ledger_new_postings_balance AFTER INSERT ON ledger_postings REFERENCING NEW TABLE AS new_postings
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_new_postings_balance();

DROP TRIGGER ledger_postings_balance ON ledger_postings;

CREATE CONSTRAINT TRIGGER ledger_postings_balance AFTER UPDATE OF transfer_id, currency, amount_minor ON ledger_postings
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_posting_balances();
