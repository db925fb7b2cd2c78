"""One module a job, and the typed configuration they read."""
