"""PostgreSQL from a Python package; base.py is its Django database backend."""
