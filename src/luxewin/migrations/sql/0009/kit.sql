CREATE FUNCTION kit_analyse_growing_table() RETURNS text LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
    name text;
BEGIN
    SELECT s.relname INTO name FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid
    WHERE s.schemaname = 'public' AND c.reltuples < 10000 AND s.n_mod_since_analyze >= greatest(50, c.reltuples / 2)
    ORDER BY s.n_mod_since_analyze LIMIT 1;
    IF FOUND THEN
        EXECUTE format('ANALYZE public.%I', name);
    END IF;
    RETURN name;
END
$$;

COMMENT ON FUNCTION kit_analyse_growing_table() IS
    'Updates the planner statistics of one small table that has grown by half, and returns its name; null if there is '
    'none. Statements that were planned while it was empty are planned again.';

REVOKE ALL ON FUNCTION kit_analyse_growing_table() FROM PUBLIC;

GRANT EXECUTE ON FUNCTION kit_analyse_growing_table() TO luxewin_system;
