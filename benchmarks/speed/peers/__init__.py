"""Other backends that answer six requests of the API with the same JSON, on the same tables.

They run in a virtual environment of their own. Of the product they import only ``accounts.values``, so that
languages and searched texts cost every backend the same.
"""
