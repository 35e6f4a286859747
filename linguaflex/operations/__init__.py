"""For operators: the worker of background jobs, and its health."""
