# One image for web, worker and commands.
FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    MALLOC_ARENA_MAX=2 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1

RUN useradd --system --create-home --home-dir /home/retailvision --uid 10001 retailvision \
 && install -d -o retailvision -g retailvision /data

WORKDIR /app
# Before the code, so that a change of it does not install torch again.
COPY requirements.txt .
RUN pip install -r requirements.txt

COPY --chown=root:root . .
RUN RETAILVISION_DATA_DIR=/tmp/build python manage.py collectstatic --noinput \
 && rm -rf /tmp/build

USER retailvision
ENV RETAILVISION_DATA_DIR=/data \
    RETAILVISION_BIND=0.0.0.0:8000 \
    HF_HOME=/data/hub
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s \
  CMD python -c "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/health/', timeout=4)"
CMD ["python", "-m", "gunicorn", "retailvision.wsgi"]
