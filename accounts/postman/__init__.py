"""The Postman collection and its environments: ``manage.py export_postman`` writes docs/postman/."""
