"""Tables read and written in chunks: CSV, TSV, Parquet, h5ad."""
