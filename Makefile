# Thin on purpose: every command is in tools/setup, and says what it finds and what it makes. `make` prints the list.
STACK ?= local
ARGS ?=
PYTHON ?= $(if $(wildcard .venv/bin/python),.venv/bin/python,python3)
COMMANDS := up down env setup check test plan status logs exec task open cost watch bench lint format types lock clean help

.DEFAULT_GOAL := help
.PHONY: $(COMMANDS)
MAKEFLAGS += --no-print-directory

$(COMMANDS):
	@exec $(PYTHON) -m tools.setup $@ "$(STACK)" $(ARGS)
