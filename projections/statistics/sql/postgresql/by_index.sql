-- For the rest of the transaction: each piece of an interval is looked up in an index. The planner
-- does not know how short the pieces are, and would read the whole table for all of them.
SELECT set_config(name, 'off', true)
  FROM unnest(ARRAY['enable_seqscan', 'enable_hashjoin', 'enable_mergejoin', 'enable_material'])
    AS name
