"""What the benchmark passes to the peers."""

import os

DATABASE_URL = os.environ["BENCHMARK_DATABASE_URL"]
PUBLIC_KEY = os.environ["BENCHMARK_PUBLIC_KEY"]  # PEM, of the project's ES256 key
SUPABASE_URL = os.environ["SUPABASE_URL"]
TOKEN_MEMORY = int(os.environ["SUPABASE_TOKEN_MEMORY"])  # remembered tokens, as the product's setting
CURSOR_SECRET = b"benchmark"
