"""For operators: the log, metrics and the worker of background jobs."""
