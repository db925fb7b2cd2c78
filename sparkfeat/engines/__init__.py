"""Where plans run: DuckDB, Spark, and Featuretools itself."""
