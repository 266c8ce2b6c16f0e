PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin

.PHONY: run test check audit eval soak bench setup lock

run: setup
	@$(BIN)/concierge serve --port 8000

test: setup
	$(BIN)/pytest -n 2 --dist loadfile -m "not soak"

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/hadolint deploy/Dockerfile
	$(BIN)/pytest -q tests/test_architecture.py

# Known vulnerabilities of the locked dependencies; without a network it says so and passes.
audit:
	.ci/audit

# Every suite offline: the embedded model, a scripted attacker, the floor and the oracle, against evals/gate.yaml.
eval: setup
	$(BIN)/concierge eval gate --out out/eval

# Each long check with the counts its promise states, summed up in out/soak/summary.json. After a stop it goes on.
soak: setup
	$(BIN)/python -m tests.soak

bench: setup
	$(BIN)/python -m evals.bench

setup: .venv/.ready

.venv/.ready: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Concierge needs Python 3.11 or newer on the PATH."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing the locked dependencies into .venv ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	@touch $@

LOCK := uv pip compile pyproject.toml --python-version 3.11 --universal --generate-hashes --no-emit-index-url --no-header

# For development, and of the same versions those that the container needs.
lock:
	$(LOCK) --extra dev -o requirements.lock
	$(LOCK) --extra build --constraint requirements.lock -o deploy/requirements.lock
