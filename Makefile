# Everything needs Python 3.11 and make, nothing else. `make run` starts the store, `make test` proves it.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv/bin/python
export PYTHONUTF8 = 1
.DEFAULT_GOAL := run
.PHONY: run stop test check front browser storm bench backup restore install install-dev lock clean

run: install
	@exec $(VENV) -m shopops.ops.run
stop:
	@$(PYTHON) -c "import os; os.path.exists('$(VENV)') and os.execv('$(VENV)', ['$(VENV)', '-m', 'shopops.ops.run', '--stop'])"
test: install-dev
	@exec $(VENV) -m shopops.ops.testing test $(ARGS)
check: install-dev
	@exec $(VENV) -m shopops.ops.testing check
storm: install-dev
	@exec $(VENV) -m shopops.ops.testing storm
bench: install-dev
	@exec $(VENV) -m shopops.ops.testing bench
front: install
	@exec $(VENV) -m shopops.ops.front $(if $(UPDATE),--update)
browser: install-dev
	@exec $(VENV) -m shopops.ops.browser
backup: install
	@exec $(VENV) -m shopops.ops.backup save $(FILE)
restore: install
	@exec $(VENV) -m shopops.ops.backup restore $(FILE)
install:
	@exec $(PYTHON) -m shopops.ops.install
install-dev:
	@exec $(PYTHON) -m shopops.ops.install --dev
lock: install-dev
	@exec $(VENV) -m shopops.ops.lock
clean: stop
	@exec $(PYTHON) -m shopops.ops.install --clean
