# Folio. `make run` serves the shop, `make test` tests it. What each setting means: .env.example
PYTHON ?= python3
PORT ?= 8000
STANDIN_PORT ?= 12111
export PORT STANDIN_PORT
in_venv = .venv/bin/python

.PHONY: run serve test test-once lint lock openapi look architecture format messages model soak lighthouse bench clean

run: .venv
	@exec $(in_venv) -m config.run

serve: .venv
	@$(in_venv) manage.py migrate --verbosity 0 && $(in_venv) manage.py collectstatic --no-input --verbosity 0
	@exec env MALLOC_ARENA_MAX=1 .venv/bin/gunicorn --config config/gunicorn.py --bind 127.0.0.1:$(PORT) --access-logfile -

# The whole suite on SQLite, and again on PostgreSQL where TEST_DATABASE_URL names one: all but what has no database, or
# one of its own, and the storefronts, whose walks meet the shop's database only through the API.
once_is_enough = tests/standin $(wildcard tests/browser/test_client_*.py) \
  $(addprefix tests/clients/test_,split.py look.py) \
  $(addprefix tests/config/test_,architecture.py docs.py lock.py messages.py serving.py settings.py)
test: .venv/dev
	@$(in_venv) -m tests.chromium
	@$(MAKE) --no-print-directory test-once DATABASE_URL=
	@if [ -n "$(TEST_DATABASE_URL)" ]; then $(MAKE) --no-print-directory test-once DATABASE_URL=$(TEST_DATABASE_URL) WITHOUT="$(once_is_enough)"; fi

# Compiled code is kept whatever the environment says: the suite starts dozens of processes of the shop.
test-once: export PYTHONDONTWRITEBYTECODE =
test-once: .venv/dev
	@env -u DATABASE_URL $(if $(DATABASE_URL),DATABASE_URL=$(DATABASE_URL)) $(in_venv) -m pytest -n 2 --dist worksteal -q $(addprefix --ignore=,$(WITHOUT))

# In Django's own language; all other templates are Jinja2's (config/jinja.py).
django_templates = 'templates/admin/*.html' 'templates/shop/admin/*.html' 'templates/forms/*.html' 'templates/mail/*.html'
lint: .venv/dev
	@$(in_venv) -m ruff check .
	@$(in_venv) -m ruff format --check .
	@$(in_venv) -m mypy .
	@.venv/bin/lint-imports
	@git ls-files $(django_templates) | xargs .venv/bin/djade --check --target-version 5.2
	@$(in_venv) manage.py makemigrations --check --dry-run --verbosity 0
	@$(in_venv) manage.py check

# The committed copy of the API's schema; a test keeps it true.
openapi: .venv
	@$(in_venv) manage.py export_openapi_schema --api config.api.api --indent 2 --output docs/openapi.json
	@for client in clients/*/node_modules; do if [ -d $$client ]; then npm run --silent --prefix $${client%/node_modules} types; fi; done

# The storefronts' copies of static/css and static/img; a test keeps them true.
look: .venv
	@$(in_venv) -m config.look

# The picture in docs/architecture.md: which folder imports which. A test keeps it true.
architecture: .venv/dev
	@$(in_venv) -m config.architecture

format: .venv/dev
	@$(in_venv) -m ruff check --fix . ; $(in_venv) -m ruff format .
	@git ls-files $(django_templates) | xargs .venv/bin/djade --target-version 5.2

# Reads the strings out of code and templates into locale/ and compiles them; names what is left to translate.
messages: .venv
	@$(in_venv) -m config.messages

clean:
	rm -rf var

# What the shop needs to run, then what tests and linters add. pip takes no file whose hash is not in the lock.
install = $(in_venv) -m pip install --quiet --disable-pip-version-check --require-hashes -r
.venv: .venv/run

.venv/run: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit("Folio needs Python 3.11 or newer; PYTHON= names another") if sys.version_info < (3, 11) else None'
	@echo "Installing packages into .venv, which takes a minute the first time …"
	@test -x .venv/bin/python || $(PYTHON) -m venv .venv
	@$(install) $<
	@touch $@

.venv/dev: requirements-dev.lock .venv/run
	@echo "Installing what tests and linters need …"
	@$(install) $<
	@touch $@

# After a change of what is required. Both locks name every package, for every system and every Python from 3.11, with
# the hashes of its files; versions that were locked stay, unless UPGRADE=1 looks for newer ones.
locking = .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
  --custom-compile-command "make lock" $(if $(UPGRADE),--upgrade)
lock: .venv/dev
	@$(locking) requirements.txt stripe_standin/requirements.txt --output-file requirements.lock >/dev/null
	@$(locking) requirements-dev.txt --constraints requirements.lock --output-file requirements-dev.lock >/dev/null

# Random purchases with faults, crashes, webhooks in any order: RUNS of STEPS each, the books checked after every step.
# SEED= repeats a run; without it each looks somewhere new.
RUNS ?= 2000
STEPS ?= 50
model: .venv/dev
	@MODEL_RUNS=$(RUNS) MODEL_STEPS=$(STEPS) $(in_venv) -m pytest tests/model -q -p no:cacheprovider $(if $(SEED),--hypothesis-seed=$(SEED))

# 20 customers at once over scarce stock, with faults, killed workers, and machines that break; then the books, also
# against Stripe's. DATABASE_URL=own takes a PostgreSQL of its own, which is restarted now and then.
MINUTES ?= 3
soak: .venv/dev
	@$(in_venv) -m bench.soak --minutes $(MINUTES)

# Lighthouse over every kind of page with production settings; the table goes to docs/lighthouse.md. Needs Node and Chromium.
lighthouse: .venv/dev bench/lighthouse/node_modules
	@$(in_venv) -m bench.lighthouse

bench/lighthouse/node_modules: bench/lighthouse/package-lock.json
	@cd bench/lighthouse && PUPPETEER_SKIP_DOWNLOAD=1 npm ci --no-audit --no-fund --silent && touch node_modules

# What Folio claims about speed, beside a bare Django project: bench/README.md. DATABASE_URL=postgres://… adds PostgreSQL.
PRODUCTS ?= 1000
SECONDS ?= 15
bench: .venv
	@$(in_venv) -m bench --products $(PRODUCTS) --seconds $(SECONDS) $(if $(ONLY),--only $(ONLY)) $(if $(SERVER),--server $(SERVER)) $(if $(WRITE),--write)
