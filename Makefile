# Needs Go, git and make. `make demo` shows what sluice does, `make test` proves it.

FUZZTIME ?= 20s
BENCH_LINES ?= 1000000
BENCH_ROUNDS ?= 3
BENCH_WORKERS ?= 2
STATICCHECK := go run honnef.co/go/tools/cmd/staticcheck@v0.8.2

.PHONY: build demo test check fuzz bench

build:
	go build -trimpath -o bin/sluice ./cli/sluice

# The sample alerts as a lake in ./lake: the summary, the tree, two rows. The
# samples are many small files; --merge makes one object a day of them all.
demo: build
	bin/sluice run --merge -o lake testdata/alerts
	@echo; find lake | sort; echo
	@object=$$(find lake -name '*.parquet' | sort | head -n 1); \
	echo bin/sluice inspect --rows 2 $$object; bin/sluice inspect --rows 2 $$object

test:
	go vet ./...
	go test ./...
	cd bench && go vet ./... && go test ./...
	cd deploy/check && go vet ./... && go test ./...

check:
	@bad=$$(gofmt -l $$(git ls-files '*.go')); \
	if [ -n "$$bad" ]; then echo "not formatted; run gofmt -w on:"; echo "$$bad"; exit 1; fi
	go vet ./...
	$(STATICCHECK) ./...
	.ci/imports.sh --self-test
	.ci/imports.sh
	go mod tidy -diff
	cd bench && $(STATICCHECK) ./... && go mod tidy -diff
	cd deploy/check && $(STATICCHECK) ./... && go mod tidy -diff && go run .
	deploy/check/validate.sh
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

# The parts one by one, then the whole beside the plain program of bench/.
bench: build
	go test -run '^$$' -bench . -benchmem ./...
	LINES=$(BENCH_LINES) ROUNDS=$(BENCH_ROUNDS) WORKERS=$(BENCH_WORKERS) bench/compare.sh
