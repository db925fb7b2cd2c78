"""Published feature matrices: staged under a run's own folder, made visible by one manifest."""
