"""From a feature matrix to a model: preprocessing, sampling, fitting, evaluation and selection with MLlib."""
