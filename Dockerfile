# The service in a container. Nothing but /data is written to, so the root may be read-only:
#
#   docker build --tag notifier .
#   docker run --read-only --stop-timeout 30 --publish 127.0.0.1:8080:8080 \
#       --volume notifier-data:/data --volume ./config:/srv/notifier/config:ro notifier
#
# ./config holds notifier.toml and procedures/. Secrets are files in /run/secrets, such as mail__password.
# On PostgreSQL (docs/postgresql.md), a process that only helps to send, with a copy of notifier.secret in its /data:
#
#   docker run --read-only --stop-timeout 30 --health-cmd "notifier healthcheck --worker" \
#       --env NOTIFIER_WORKER__PORT=9100 --volume notifier-worker:/data \
#       --volume ./config:/srv/notifier/config:ro notifier worker
#
# In a compose file: healthcheck: {test: ["CMD", "notifier", "healthcheck", "--worker"]}
# The stop timeout is longer than running.stop_seconds, so that what is being sent can end.
# How the hashes are made: CONTRIBUTING.md, "Pins".

ARG PYTHON_VERSION=3.13

FROM python:${PYTHON_VERSION}-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src
# Tools that make wheels, in an environment of their own that is left behind here.
COPY config/build.hashes.txt config/requirements.hashes.txt config/
RUN python -m venv /build \
    && /build/bin/python -m pip install --require-hashes --only-binary :all: -r config/build.hashes.txt
# Every byte that comes from elsewhere is checked here; what exists as source only becomes a wheel.
RUN /build/bin/python -m pip wheel --require-hashes --no-deps --no-build-isolation \
    --wheel-dir /wheels -r config/requirements.hashes.txt
COPY pyproject.toml README.md ./
COPY notifier notifier
COPY config/procedures config/procedures
RUN /build/bin/python -m pip wheel --no-index --no-deps --no-build-isolation --wheel-dir /wheels .
RUN python -m venv --without-pip /app \
    && /build/bin/python -m pip --python /app/bin/python install --no-index --no-deps /wheels/*.whl \
    && /build/bin/python -m pip --python /app/bin/python check

FROM python:${PYTHON_VERSION}-slim
RUN groupadd --gid 10001 notifier \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin notifier \
    && install -d -o 10001 -g 10001 -m 0700 /data
COPY --from=build /app /app
# SQLite and Python put what is temporary into TMPDIR. Everywhere is only the container's own network here.
ENV PATH=/app/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    TMPDIR=/data \
    SQLITE_TMPDIR=/data \
    NOTIFIER_DATABASE__PATH=/data/notifier.db \
    NOTIFIER_WEB__HOST=0.0.0.0 \
    NOTIFIER_WORKER__HOST=0.0.0.0
WORKDIR /srv/notifier
VOLUME ["/data"]
EXPOSE 8080
USER 10001:10001
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 CMD ["notifier", "healthcheck"]
ENTRYPOINT ["notifier"]
CMD ["serve"]
