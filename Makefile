# Needs Go 1.26, git and make. `make help` lists the targets.

# One set of flags for everything, so that builds, tests and vet share what they
# compile. The programs need no C compiler.
export CGO_ENABLED = 0
export GOFLAGS := -trimpath $(GOFLAGS)

FUZZTIME ?= 20s
# make bench: alerts of an input, runs of each program, goroutines or threads;
# ONLY names parts, BEFORE the bootstrap of an earlier build (bench/README.md).
ROWS ?= 1000000
ROUNDS ?= 5
WORKERS ?= 2
ONLY ?=
BEFORE ?=
# make attack: the tests that SECURITY.md names.
ATTACKS = $(shell grep -o '`Test[A-Za-z0-9]*`' SECURITY.md | tr -d '`' | sort -u | sed 's/.*/^&$$/' | paste -sd '|')
# make bench-parts and bench-diff: which benchmarks of which packages.
BENCH ?= .
PACKAGES ?= ./...
BENCHTIME ?= 300ms
COUNT ?= 6
BASE ?= HEAD
ARCH ?= arm64
BIN ?= bin/lambda-$(ARCH)
ZIP ?= wazuh_to_amazon_security_lake.zip
# What a build reports as its version: the same commit gives the same bytes.
NUMBER = $(shell git describe --tags --abbrev=12 2>/dev/null)
COMMIT = $(shell git describe --always --exclude '*' --abbrev=12 --dirty=+changes 2>/dev/null)
STAMP = -X github.com/sluice-lake/sluice/runtime/version.number=$(NUMBER) -X github.com/sluice-lake/sluice/runtime/version.commit=$(COMMIT)
VERSITYGW := github.com/versity/versitygw/cmd/versitygw@v1.8.0
BENCHSTAT := go run golang.org/x/perf/cmd/benchstat@v0.0.0-20260908200009-22c9c6c9d4da
STATICCHECK := GOGC=400 go run honnef.co/go/tools/cmd/staticcheck@v0.8.2

# make soak: how often each program is killed, for at most how many seconds, alerts a
# second, and the seed of an earlier run.
KILLS ?= 500
SECONDS ?= 7200
RATE ?= 400
SEED ?=

.PHONY: help build install lambda demo docs quick test attack load integration integration-go integration-deploy soak check check-go check-deploy check-clean fuzz bench

help:
	@echo 'make demo         build sluice and turn the sample alerts into ./lake'
	@echo 'make test         run all tests'
	@echo
	@echo 'make build        write bin/sluice'
	@echo 'make install      install sluice into GOBIN (go env GOBIN), or $$(go env GOPATH)/bin'
	@echo 'make lambda       write $(ZIP); ARCH=amd64 for x86-64, WASM=DIR adds mappings with modules'
	@echo
	@echo 'make docs         write the parts of docs/ that are made from the program'
	@echo 'make quick        vet, and the fast tests: for the inner loop'
	@echo 'make attack       the attack suite: hostile input of every kind, under limits of memory and time'
	@echo 'make load         the function under a load with everything that goes wrong: OBJECTS=$(OBJECTS) FUNCTIONS=$(FUNCTIONS)'
	@echo 'make check        formatting, linters, import rules, the zip for arm64, the template'
	@echo 'make integration  against a real S3 server, and with other readers of Parquet'
	@echo 'make soak         follow and pull killed KILLS ($(KILLS)) times while stores fail; SECONDS, RATE, SEED'
	@echo 'make fuzz         every fuzz target for FUZZTIME ($(FUZZTIME))'
	@echo 'make bench        sluice beside DuckDB and other programs, and its goals; ROWS=20000 ROUNDS=1 takes a minute'
	@echo 'make bench-parts  the Go benchmarks, of PACKAGES=./engine/... BENCH=Apply if you like'
	@echo 'make bench-diff   the Go benchmarks of this tree beside those of the last commit (BASE)'

build:
	go build -ldflags='$(STAMP)' -o bin/sluice ./cli/sluice

install:
	go install -ldflags='$(STAMP)' ./cli/sluice

# The zip that is deployed, for arm64 or with ARCH=amd64: the same bytes from
# the same sources and the same Go, on any machine. WASM=DIR puts the mappings
# of a folder into it, with their WebAssembly modules.
lambda:
	GOOS=linux GOARCH=$(ARCH) GOARM64=v8.0 GOAMD64=v1 go build -buildvcs=false -tags lambda.norpc \
	  -ldflags='-s -w -buildid= $(STAMP)' -o $(BIN)/bootstrap ./lambda/bootstrap
	go run ./lambda/pack -o $(ZIP) $(if $(WASM),-wasm '$(WASM)') $(BIN)/bootstrap

# The sample alerts as a lake in ./lake: the summary, the tree, two rows. The
# samples are many small files; --merge makes one object a day of them all.
demo: build
	bin/sluice run --merge -o lake testdata/alerts
	@echo; find lake | sort; echo
	@object=$$(find lake -name '*.parquet' | sort | head -n 1); \
	echo bin/sluice inspect --rows 2 $$object; bin/sluice inspect --rows 2 $$object

soak:
	SLUICE_SOAK_KILLS=$(KILLS) SLUICE_SOAK_SECONDS=$(SECONDS) SLUICE_SOAK_RATE=$(RATE) SLUICE_SOAK_SEED=$(SEED) \
	  go test ./cli -run '^TestSoak$$' -v -count 1 -timeout 24h

# Tables of commands, variables, functions and packs, and the schema for editors.
docs:
	go test ./cli -run 'TestManual|TestSchemaFileIsFresh' -update
	cd deploy/check && go run . -write

# All packages, without the tests that take seconds: those skip themselves.
quick:
	go vet ./...
	go test -short ./...

test:
	go vet ./...
	go test -timeout 30m ./...
	cd bench && go vet ./... && go test ./...
	cd deploy/check && go vet ./... && go test ./...

# Hostile alerts, mappings, modules, files and folders against the command, each
# under a limit of memory and time. SECURITY.md says what each test proves.
attack:
	go test -count=1 -run '$(ATTACKS)' ./cli ./engine ./engine/function ./engine/jsontext ./engine/expression ./engine/syntax ./runtime/source ./runtime/mapping ./runtime/pipeline ./runtime/wasm/... ./runtime/table/inspect ./runtime/lake/dir ./cli/studio

# What docs/operations.md reports. OBJECTS are those of eight hours, FUNCTIONS how many run
# at once.
OBJECTS ?= 10000
FUNCTIONS ?= 50
load:
	SLUICE_MODEL=$(OBJECTS),$(FUNCTIONS) go test -count=1 -timeout 60m -v -run LoadModel ./lambda | grep -v '"level"'

# The function and the command line against an S3 server of others, over TLS, and the
# lake of the samples for readers of Parquet of others, which also answer the questions of
# docs/queries.md. The server is a program of its
# own and is built once; the readers need Python 3, and are fetched once
# (READERS=require fails where they cannot be had), as are the linters of the
# template (LINT=require) and OpenTofu, which is built once (TOFU=require), and the OpenSearch that is pulled, which needs Maven and
# Java 11 to 21 (OPENSEARCH=require); OPENSEARCH_DOCUMENTS=1000000 is its long form.
integration: integration-go integration-deploy

integration-go:
	test -x bin/versitygw || GOBIN=$(CURDIR)/bin go install $(VERSITYGW)
	go vet -tags integration ./cli ./lambda/...
	VERSITYGW=$(CURDIR)/bin/versitygw go test -count=1 -timeout 30m -tags integration -run Integration ./cli ./lambda

integration-deploy:
	deploy/check/lint.sh
	deploy/check/tofu.sh

check: check-go check-deploy check-clean

check-go:
	@bad=$$(gofmt -l $$(git ls-files '*.go')); \
	if [ -n "$$bad" ]; then echo "not formatted; run gofmt -w on:"; echo "$$bad"; exit 1; fi
	go vet ./...
	$(STATICCHECK) ./...
	.ci/imports.sh --self-test
	.ci/imports.sh
	go mod tidy -diff
	cd bench && $(STATICCHECK) ./... && go mod tidy -diff

check-deploy:
	ARCH=arm64 go test -count=1 -run TestTheZip ./lambda/pack
	cd deploy/check && $(STATICCHECK) ./... && go mod tidy -diff && go run .
	deploy/check/validate.sh

check-clean:
	@dirty=$$(git status --porcelain); \
	if [ -n "$$dirty" ]; then echo "the tree is not clean; commit, or name it in .gitignore:"; echo "$$dirty"; exit 1; fi

# Every fuzz target for FUZZTIME.
fuzz:
	@set -e; packages=$$(go list ./...); for package in $$packages; do \
	  listed=$$(go test -list '^Fuzz' $$package); \
	  for target in $$(echo "$$listed" | grep '^Fuzz'); do \
	    echo "$$package $$target"; \
	    go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1x $$package; \
	  done; \
	done

# Everything that bench/README.md describes, against the goals of the project.
# DuckDB is a C++ library: this needs a C compiler.
bench: build
	cd bench && go build -o bin/measure ./measure && bin/measure -rows $(ROWS) -rounds $(ROUNDS) -workers $(WORKERS) \
	  $(if $(ONLY),-only $(ONLY)) $(if $(BEFORE),-before $(abspath $(BEFORE)))

bench-parts:
	go test -run '^$$' -bench '$(BENCH)' -benchmem -benchtime $(BENCHTIME) $(PACKAGES)

# The two take turns, because the speed of a shared machine drifts.
bench-diff:
	@mkdir -p bench/work && rm -rf bench/work/base bench/work/base.txt bench/work/tree.txt && mkdir bench/work/base
	@git archive $(BASE) | tar -x -C bench/work/base
	@set -e; run="go test -run ^$$ -bench $(BENCH) -benchmem -benchtime $(BENCHTIME)"; \
	packages=$$(grep -rl --include='*_test.go' '^func Benchmark' $$(go list -f '{{.Dir}}' $(PACKAGES)) | xargs -n 1 dirname | sort -u | sed 's|^$(CURDIR)|.|'); \
	for round in $$(seq $(COUNT)); do \
	  echo "round $$round of $(COUNT)"; \
	  for package in $$packages; do \
	    if [ -d bench/work/base/$$package ]; then \
	      (cd bench/work/base && $$run $$package) >>bench/work/base.txt || echo "$$package: a benchmark of $(BASE) fails" >&2; \
	    fi; \
	    $$run $$package >>bench/work/tree.txt || echo "$$package: a benchmark of this tree fails" >&2; \
	  done; \
	done
	@rm -rf bench/work/base
	@cd bench/work && $(BENCHSTAT) base=base.txt tree=tree.txt
