# The production image: the API, the admin and the workers. docs/operations/DEPLOY.md describes its use.
FROM python:3.11-slim-trixie AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /srv/linguaflex/app
COPY requirements/base.lock.txt requirements/
# --only-binary: no package is compiled, so the image needs no compiler.
RUN python -m venv /srv/linguaflex/venv \
    && /srv/linguaflex/venv/bin/pip install --no-cache-dir --only-binary :all: --require-hashes -r requirements/base.lock.txt
COPY . .
# The settings require these variables. collectstatic uses none of their values, and no later step has them.
RUN DJANGO_SECRET_KEY=build DATABASE_URL=postgresql://build@build/build SUPABASE_URL=https://build.example.com \
    SUPABASE_PUBLISHABLE_KEY=sb_publishable_build SUPABASE_SECRET_KEY=sb_secret_build LINGUAFLEX_ENV=production \
    /srv/linguaflex/venv/bin/python manage.py collectstatic --noinput \
    && /srv/linguaflex/venv/bin/python -m compileall -q /srv/linguaflex/app

FROM python:3.11-slim-trixie
ENV PATH=/srv/linguaflex/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 LINGUAFLEX_ENV=production
WORKDIR /srv/linguaflex/app
# Root owns the files: the application cannot change its own code.
COPY --from=build /srv/linguaflex /srv/linguaflex
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s CMD ["python", "-m", "linguaflex.health_check"]
CMD ["gunicorn", "linguaflex.wsgi", "--preload", "--workers", "2", "--threads", "4", "--bind", "0.0.0.0:8000", "--limit-request-field_size", "16384", "--no-control-socket"]
