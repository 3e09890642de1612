# The pages in a container: docker build -t landscapes . && docker run -p 8501:8501 landscapes
FROM python:3.13-slim

RUN useradd --create-home --uid 1000 landscapes
WORKDIR /home/landscapes/app

# The packages come first: a changed source file does not install them again.
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt

COPY --chown=landscapes:landscapes app.py LICENSE README.md ./
COPY --chown=landscapes:landscapes .streamlit .streamlit
COPY --chown=landscapes:landscapes models models
COPY --chown=landscapes:landscapes objectives objectives
COPY --chown=landscapes:landscapes landscapes landscapes

USER landscapes

# What the pages need is compiled here, for this processor, and not while a viewer waits. WARM= leaves it out,
# WARM=--all takes every lesson and objective: a quarter of an hour on two cores. The folder is named here, because
# that in the user's cache bears the name of the container.
ARG WARM=--quiet
ENV JAX_COMPILATION_CACHE_DIR=/home/landscapes/compiled \
    JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS=0.05 \
    JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES=-1
RUN mkdir -p "$JAX_COMPILATION_CACHE_DIR" && if [ -n "$WARM" ]; then python -m landscapes warm $WARM; fi

EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
  CMD ["python", "-c", "import urllib.request as web; web.urlopen('http://127.0.0.1:8501/healthz', timeout=4)"]
CMD ["python", "app.py", "--host", "0.0.0.0", "--port", "8501", "--no-browser"]
