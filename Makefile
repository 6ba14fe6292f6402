# `make demo` and `make test` need Rust, Node and make; everything else they install here.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

# One profile: release, with overflow checks in our own crates.
CARGO_FLAGS := --release --locked
VERIREGIME := cargo run $(CARGO_FLAGS) --quiet --package veriregime --bin veriregime --
DISTILL := cargo run $(CARGO_FLAGS) --quiet --package veriregime-distill --bin distill --
# The native programs before npm's wrappers of them: a wrapper always exits with 0, whatever its program says.
FOUNDRY := PATH="$$(printf '%s:' $(CURDIR)/node_modules/@foundry-rs/*-*/bin)$(CURDIR)/node_modules/.bin:$$PATH"
MODEL := models/btcusdt-1m-60
REGIME := models/btcusdt-1m-240-regime
# Every shipped model; the fixtures of each are checked.
MODELS := $(patsubst %/manifest.json,%,$(wildcard models/*/manifest.json))

# How long forge's fuzz and invariant tests run: default, pr or nightly (foundry.toml).
PROFILE ?= default

.PHONY: help demo test test-rust test-contracts invariants coverage storage analyse lint fixtures fixtures-check peers-check soundness corpus gas mutants mutants-check replay rehearse bench bench-peers bench-layers bench-layers-peer bench-lenet bench-batch bench-convolution onnx-check onnx-fixtures train experiments exp4 agreement audit crash soak farm bench-farm test-dashboard dashboard e2e clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-16s %s\n", $$1, $$2}'

node_modules/.package-lock.json: package.json package-lock.json
	npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

demo: node_modules/.package-lock.json ## Candles to a rebalanced treasury on a local chain; report in target/demo
	cargo build $(CARGO_FLAGS) --package veriregime
	$(VERIREGIME) demo

test: lint test-rust test-contracts test-dashboard mutants-check fixtures-check peers-check onnx-check ## Every check: formatting, lints, Rust tests, forge tests, fixtures

lint: node_modules/.package-lock.json ## rustfmt, clippy with warnings denied, forge fmt
	cargo fmt --all --check
	cargo clippy $(CARGO_FLAGS) --workspace --all-targets -- --deny warnings
	$(FOUNDRY) forge fmt --check

test-rust: node_modules/.package-lock.json ## Rust tests (VERIREGIME_DATA and VERIREGIME_SRS add those on real candles and the ceremony)
	NATS_SERVER="$$(node scripts/nats-server.mjs)" || echo "SKIPPED: the farm's tests on NATS"; export NATS_SERVER; \
	cargo test $(CARGO_FLAGS) --workspace

test-contracts: node_modules/.package-lock.json ## Forge tests against the committed verifier and fixture proofs; compares gas snapshots, storage layouts and named tests
	$(FOUNDRY) forge test | node scripts/test-summary.mjs
	$(FOUNDRY) node scripts/storage.mjs --check
	node scripts/names.mjs --check

test-dashboard: node_modules/.package-lock.json ## The dashboard's committed files as built from its sources, and its tests without a browser
	node scripts/dashboard.mjs --check
	$(FOUNDRY) forge build --quiet
	node --test --test-reporter=spec dashboard/test/unit/

dashboard: node_modules/.package-lock.json ## Build dashboard/dist
	node scripts/dashboard.mjs

# PICTURES=1 takes those of docs/dashboard.md anew; VERIREGIME_URL=<url>, or VERIREGIME_PROGRAM=<path> with VERIREGIME_SRS, adds a running node.
e2e: node_modules/.package-lock.json ## The dashboard in headless Chromium, on a local chain with real contracts and proofs; pictures in target/e2e
	node scripts/dashboard.mjs --check
	$(FOUNDRY) forge build --quiet
	node --test --test-force-exit --test-concurrency=1 --test-reporter=spec dashboard/test/unit/ dashboard/test/e2e/

invariants: node_modules/.package-lock.json ## The stateful invariants alone; PROFILE=pr or nightly for more and longer sequences
	$(FOUNDRY) FOUNDRY_PROFILE=$(PROFILE) forge test --match-test '^invariant_' | node scripts/test-summary.mjs

coverage: node_modules/.package-lock.json ## Line and branch coverage of the contracts into docs/coverage.md; fails below 95 % or on an unexplained gap
	$(FOUNDRY) node scripts/coverage.mjs

storage: node_modules/.package-lock.json ## Accept the contracts' storage layouts as they are now
	$(FOUNDRY) node scripts/storage.mjs

fixtures-check: ## Regenerate verifier and fixtures and compare (needs the ceremony SRS and the candles)
	@if [ -n "$${VERIREGIME_DATA:-}" ] && [ -n "$${VERIREGIME_SRS:-}" ]; then \
	for model in $(MODELS); do $(VERIREGIME) fixtures --model $$model --check; done; \
	else echo "skipped: fixtures check (set VERIREGIME_DATA and VERIREGIME_SRS)"; fi

fixtures: ## Write the shipped models' verifiers and the fixture proofs
	for model in $(MODELS); do $(VERIREGIME) fixtures --model $$model; done

soundness: ## Forgeries of every cell in every shape, fuzzed proofs and model files: the long version of what `make test` runs
	VERIREGIME_SOUNDNESS=full cargo test $(CARGO_FLAGS) --package veriregime-circuits --test soundness
	VERIREGIME_SOUNDNESS=full cargo test $(CARGO_FLAGS) --package veriregime-circuits --test sheet
	VERIREGIME_SOUNDNESS=full cargo test $(CARGO_FLAGS) --package veriregime-circuits --test sheet_soundness -- --nocapture
	VERIREGIME_FUZZ_ITERATIONS=10000 cargo test $(CARGO_FLAGS) --package veriregime-circuits --test fuzz -- --nocapture

corpus: node_modules/.package-lock.json ## Thousands of corrupted calls to three verifiers, and every compiler setting
	VERIREGIME_CORPUS=full cargo test $(CARGO_FLAGS) --package veriregime-circuits --test agreement -- --nocapture

gas: node_modules/.package-lock.json ## Measure gas anew and rewrite the snapshots
	$(FOUNDRY) FORGE_SNAPSHOT_CHECK=false forge test | node scripts/test-summary.mjs

# MUTANTS="paused" makes only those whose name, group, file or test contains every word.
mutants: node_modules/.package-lock.json ## Take out one check of the contracts at a time: the named test must notice; writes docs/mutants.md
	node scripts/mutants.mjs $(MUTANTS)

mutants-check: ## Every mutant still fits its source, and docs/mutants.md the table
	node scripts/mutants.mjs --check

replay: node_modules/.package-lock.json ## Replay the committed rounds, and BUNDLE if given, without a chain (docs/replaying.md)
	$(FOUNDRY) forge test --match-path test/replay/Replay.t.sol

rehearse: node_modules/.package-lock.json ## Rehearse a Sepolia deployment on a local chain; writes deployments/11155111.rehearsal.json
	$(FOUNDRY) forge build --quiet
	node scripts/rehearse.mjs

bench: node_modules/.package-lock.json ## Time, sizes, memory and gas of both profiles, of every layout and activation, into docs/figures
	$(VERIREGIME) bench --profile gas --repeat 9 --json | tee docs/figures/bench.json
	$(VERIREGIME) bench --profile speed --repeat 9 --json | tee docs/figures/bench-speed.json
	$(VERIREGIME) plan --json > docs/figures/plan.json
	$(VERIREGIME) bench --activations --json > docs/figures/activations.json

NETWORKS := cargo run $(CARGO_FLAGS) --quiet --package veriregime-circuits --example networks --

bench-layers: node_modules/.package-lock.json ## The published EZKL layer suite, 40 experiments, into models/reports (VERIREGIME_SRS for the ceremony's points; 15 to 30 minutes)
	$(NETWORKS) layers --out models/reports/layers.json

bench-lenet: node_modules/.package-lock.json ## LeNet-5 whole and in linked slices, and its fidelity, into models/reports
	$(NETWORKS) lenet --out models/reports/lenet.json
	$(NETWORKS) fidelity --out models/reports/lenet-fidelity.json

bench-convolution: node_modules/.package-lock.json ## One convolution in every way to prove it, into models/reports
	$(NETWORKS) convolution --out models/reports/convolution.json

bench-batch: node_modules/.package-lock.json ## Time and gas per window for 1 to 64 windows in one proof, into models/reports
	$(NETWORKS) batch --out models/reports/batch.json

# Python exists here for this comparison only: the peer is a Python package.
.venv/.peers: scripts/peers/requirements.txt
	python3 -m venv .venv
	.venv/bin/pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@

bench-peers: .venv/.peers node_modules/.package-lock.json ## EZKL and our prover on the same ONNX files, in turns (about ten minutes on two idle cores)
	cargo build $(CARGO_FLAGS) --package veriregime
	cargo build $(CARGO_FLAGS) --package veriregime-distill
	.venv/bin/python scripts/peers/bench.py $(PEERS)

# LAYERS="--limit 600 --only 'CNN_Strided/8' --again" for other limits, one experiment, or what is there already.
bench-layers-peer: .venv/.peers ## EZKL on the layer suite and LeNet-5 under limits of time and memory, into models/reports (resumable)
	.venv/bin/python scripts/peers/layers.py $(LAYERS)

.venv/.analysis: scripts/analysis/requirements.txt
	python3 -m venv .venv
	.venv/bin/pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@

# Forge sees the symbolic checks alone: halmos needs syntax trees, and builds by itself.
analyse: .venv/.analysis node_modules/.package-lock.json ## Slither over the contracts and symbolic proofs with halmos (docs/security.md)
	$(FOUNDRY) node scripts/analysis/slither.mjs
	$(FOUNDRY) FOUNDRY_TEST=test/symbolic FOUNDRY_SCRIPT=test/symbolic \
		FOUNDRY_OUT=target/symbolic/out FOUNDRY_CACHE_PATH=target/symbolic/cache \
		.venv/bin/halmos --forge-build-out target/symbolic/out --no-status --loop 40 --solver z3 --solver-timeout-assertion 120s

# Any Python with NumPy: the virtual environment of the fixtures, of the peers, or the system's.
NUMPY := $(firstword $(wildcard .venv-onnx/bin/python .venv/bin/python) python3)

onnx-check: ## The networks of test/onnx in NumPy: digests and outputs as committed (needs a python3 with numpy)
	@if $(NUMPY) -c 'import numpy' 2> /dev/null; then \
	cargo run $(CARGO_FLAGS) --quiet --package veriregime-circuits --example onnx -- test/onnx target/onnx > /dev/null && \
	$(NUMPY) test/onnx/reference.py target/onnx && echo "onnx: NumPy agrees"; \
	else echo "skipped: onnx check (no python3 with numpy)"; fi

.venv-onnx/.made: test/onnx/requirements.txt
	python3 -m venv .venv-onnx
	.venv-onnx/bin/pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@

onnx-fixtures: .venv-onnx/.made ## Make the files of test/onnx anew: PyTorch, Keras, scikit-learn (a download of gigabytes)
	.venv-onnx/bin/python test/onnx/make.py
	cargo run $(CARGO_FLAGS) --quiet --package veriregime-circuits --example onnx -- test/onnx target/onnx > /dev/null
	.venv-onnx/bin/python test/onnx/reference.py target/onnx --write

peers-check: ## Compare docs/peers.md with its figures, and EZKL's layer suite with ours (needs python3)
	@if command -v python3 > /dev/null; then python3 scripts/peers/report.py --check && python3 scripts/peers/layer_suite.py --check; \
	else echo "skipped: peers check (no python3)"; fi

# Without these, glibc returns every large buffer to the system: a third of the time.
TRAINING := GLIBC_TUNABLES=glibc.malloc.mmap_threshold=2000000000:glibc.malloc.trim_threshold=8000000000 $(DISTILL)

train: ## Train the shipped models from scratch (needs VERIREGIME_DATA; about five minutes on two cores)
	$(TRAINING) train --question regime --seed 7 --out $(REGIME)
	$(TRAINING) train --question signal --seed 7 --out $(MODEL) --regime-model $(REGIME)

experiments: ## Every experiment of the method into models/reports (needs VERIREGIME_DATA; one to two hours on two cores, resumable)
	$(TRAINING) labels --out models/reports/labels
	$(TRAINING) experiment --question signal --out models/reports/signal
	$(TRAINING) experiment --question regime teachers distillation quantisation --out models/reports/regime

exp4: node_modules/.package-lock.json ## Experiment 4: teachers and students proven and submitted on a chain with Sepolia's id, into models/reports/exp4 (needs VERIREGIME_DATA and VERIREGIME_SRS; half an hour)
	$(TRAINING) deployment prepare --model $(MODEL) --model $(REGIME)
	$(TRAINING) deployment prove
	node scripts/exp4.mjs target/exp4
	$(TRAINING) deployment report --out models/reports/exp4

agreement: ## Circuit and integer reference on 10,000 test windows of each shipped model (needs VERIREGIME_DATA)
	$(TRAINING) agree --model $(MODEL) --windows 10000 --out $(MODEL)/reports/agreement.json
	$(TRAINING) agree --model $(REGIME) --windows 10000 --out $(REGIME)/reports/agreement.json

crash: node_modules/.package-lock.json ## kill -9 the node at every arrow of a round, three times; table into docs/figures/crash.json
	cargo build $(CARGO_FLAGS) --package veriregime-testbed --bins
	cargo run $(CARGO_FLAGS) --quiet --package veriregime-testbed --bin crash -- --out docs/figures/crash.json

soak: node_modules/.package-lock.json ## A simulated day with faults everywhere (15 to 30 minutes); figures into docs/figures/soak.json
	cargo build $(CARGO_FLAGS) --package veriregime-testbed --bins
	cargo run $(CARGO_FLAGS) --quiet --package veriregime-testbed --bin soak -- --out docs/figures/soak.json

# NATS_SERVER names a server's program; else one on the path, or Debian's, unpacked below target/nats-server.
farm: ## The proving farm on a real NATS server: three workers, one killed while it proves (fetches nats-server)
	NATS_SERVER="$$(node scripts/nats-server.mjs)" VERIREGIME_REQUIRE_NATS=1 cargo test $(CARGO_FLAGS) --workspace --test farm

bench-farm: ## Three workers against one, over NATS; figures into docs/figures/farm.json (a few minutes)
	cargo build $(CARGO_FLAGS) --package veriregime
	node scripts/bench-farm.mjs

audit: ## Licences, advisories and sources of every dependency (needs cargo-deny)
	cargo deny --locked check

clean: ## Remove what the targets above made
	cargo clean
	rm -rf node_modules out cache broadcast .venv .venv-onnx
