-- For the rest of the transaction: each piece of an interval is looked up in an index. The planner
-- does not know how short the pieces are, and would read the whole table for all of them, or share
-- that between processes.
SELECT set_config(name, value, true)
  FROM (VALUES ('enable_seqscan', 'off'), ('enable_hashjoin', 'off'), ('enable_mergejoin', 'off'),
               ('enable_material', 'off'), ('max_parallel_workers_per_gather', '0'),
               ('random_page_cost', '1.1')) AS setting (name, value)
