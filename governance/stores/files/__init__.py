"""Lead stores made of files: CSV and Parquet exports in a folder or in an S3-compatible bucket."""
