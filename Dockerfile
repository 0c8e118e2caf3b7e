# syntax=docker/dockerfile:1
# One image for web, worker, beat and migrations: `docker build -t truenorth .`

# -- Style sheets and scripts; the templates and the Python code say which classes and icons are kept ----
FROM node:24-slim AS assets
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY static static
COPY templates templates
COPY crm crm
COPY accounts accounts
COPY scoring scoring
RUN node static/build.mjs

# -- Python packages from the lock file, without the servers and tools of demo and tests ------------------
FROM python:3.11-slim AS packages
COPY --from=ghcr.io/astral-sh/uv:0.9 /uv /usr/local/bin/uv
WORKDIR /app
COPY pyproject.toml uv.lock ./
RUN UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_PYTHON_DOWNLOADS=never \
    uv sync --frozen --no-default-groups --no-cache

# -- What runs: no compiler, no package manager, no root -----------------------------------------------
FROM python:3.11-slim
RUN useradd --system --uid 10001 --user-group --home-dir /var/lib/truenorth --create-home truenorth \
    && install -d -o truenorth -g truenorth /var/lib/truenorth/media /var/lib/truenorth/beat
WORKDIR /app
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
COPY --from=packages /app/.venv .venv
COPY manage.py gunicorn.conf.py ./
COPY accounts accounts
COPY scoring scoring
COPY crm crm
COPY templates templates
COPY locale locale
COPY deploy/probe.py deploy/probe.py
COPY --from=assets /app/static/dist static/dist
# The settings want their values even here; nothing of these lines stays in the image.
RUN export SECRET_KEY=only-while-the-image-is-built-0123456789-0123456789-01 ALLOWED_HOSTS=build.invalid \
      DATABASE_URL=postgres://build.invalid/none REDIS_URL=redis://build.invalid PUBLIC_URL=https://build.invalid \
    && python manage.py messages --compile-only \
    && python manage.py collectstatic --no-input --verbosity 0
USER truenorth
EXPOSE 8000
CMD ["python", "-m", "gunicorn", "crm.wsgi", "--workers", "2", "--worker-class", "gthread", "--threads", "4", "--bind", "0.0.0.0:8000", "--worker-tmp-dir", "/dev/shm"]
