# Everything runs in .venv, made on first use and again only when a requirements file changes.
PYTHON ?= python3
BIN := .venv/bin
PORT ?= 8501

.PHONY: app test quick lint docs thumbnails openings openings-check words bench bench-large bench-peers load

app: .venv/app.stamp
	$(BIN)/python app.py --port $(PORT)

test: .venv/test.stamp
	$(BIN)/python -m pytest $(ARGS)

# The identities, and the test files of the modules that differ from main.
quick: .venv/test.stamp
	$(BIN)/python -m tests.quick $(ARGS)

lint: .venv/test.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright

docs: .venv/test.stamp
	$(BIN)/python -m landscapes.recipes.catalog.table > docs/objectives.md

# The small pictures of the lessons whose recipe has changed; ARGS=--all draws all of them.
thumbnails: .venv/test.stamp
	$(BIN)/python -m tests.thumbnails $(ARGS)

# The scenes that the program opens with, where a recipe or the version has changed; ARGS=--all computes all of them.
openings: .venv/test.stamp
	$(BIN)/python -m tests.openings $(ARGS)

# All of them computed and compared with their files: a quarter of an hour on two cores.
openings-check: .venv/test.stamp
	$(BIN)/python -m tests.openings --check $(ARGS)

# The approved records: what pages say, draw and export of shipped scenes. Review the difference with git diff.
words: .venv/test.stamp
	$(BIN)/python -m tests.approved $(ARGS)

bench: .venv/test.stamp
	$(BIN)/python -m tests.benchmarks $(ARGS)

# Ten million parameters and 50,000 examples: 17 minutes on two cores, with 6 GB of memory.
bench-large: .venv/test.stamp
	$(BIN)/python -m tests.benchmarks.large $(ARGS)

# Thirty viewers of one new server over websockets, five minutes.
load: .venv/test.stamp
	$(BIN)/python -m tests.benchmarks.load $(ARGS)

# PyTorch and the packages it is measured against live apart: the program needs none of them.
bench-peers: .venv-peers/stamp
	.venv-peers/bin/python -m tests.benchmarks.peers $(ARGS)

.venv-peers/stamp: requirements.txt tests/benchmarks/peers-requirements.txt
	$(PYTHON) -m venv .venv-peers
	.venv-peers/bin/python -m pip install --quiet --disable-pip-version-check -r tests/benchmarks/peers-requirements.txt
	@touch $@

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/app.stamp: requirements.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/test.stamp: requirements.txt tests/requirements.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r tests/requirements.txt
	@touch $@ .venv/app.stamp
