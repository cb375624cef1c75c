"""Files of exported rows: CSV, NDJSON and Parquet, written row by row in constant memory."""
