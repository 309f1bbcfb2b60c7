# tlswhy: the front door. Everything else is CMake (see CMakePresets.json).
# Two commands are promised: `make demo` and `make test`. Both install what is missing with apt.

.DEFAULT_GOAL := help
.PHONY: help setup configure build demo test bench matrix lint fuzz docs install package clean

JOBS := $(shell nproc)
PRESET ?= dev
PREFIX ?= /usr/local

help:
	@echo "make demo     build, then show the origin case: a real failing program, explained and fixed"
	@echo "make test     build, then run all tests, once more under AddressSanitizer and UBSan"
	@echo "make tsan     what runs on several threads, under ThreadSanitizer"
	@echo "make bench    compare the cost of tlswhy run with strace, of tlswhy pcap with tshark; what a kill costs"
	@echo "make matrix   compare the trust models with every runtime that can be had"
	@echo "make accuracy run the lab's scenarios, and write down how they went (docs/accuracy.md)"
	@echo "make lint     clang-format and clang-tidy 19"
	@echo "make fuzz     every libFuzzer target for a minute"
	@echo "make docs     write completions, option lists, docs/origin.md, docs/causes.md and the README's screen anew"
	@echo "make package  a .deb"
	@echo "make install  into PREFIX ($(PREFIX))"

setup:
	@scripts/setup.sh $(FOR)

configure: setup
	@mkdir -p build
	@cmake --preset $(PRESET) >build/configure.log 2>&1 || (cat build/configure.log; exit 1)

build: configure
	@cmake --build --preset $(PRESET) -j $(JOBS)

# Without the tests: that is half of the compiling.
demo: configure
	@cmake --build --preset $(PRESET) -j $(JOBS) --target tlswhy tlswhy-prove scriptengine tlswhy-lab-server tlswhy-lab-static
	@build/$(PRESET)/tlswhy lab run origin

test: FOR := test
test: build
	@scripts/format.sh --check
	@scripts/lint.sh --changed
	@ctest --preset dev -j $(JOBS) --output-junit junit.xml
	@$(MAKE) --no-print-directory test-asan

# The unit tests and the corpora again, with every byte watched.
.PHONY: test-asan tsan
test-asan:
	@cmake --preset asan >/dev/null
	@cmake --build --preset asan -j $(JOBS) --target unit_tests
	@ctest --preset asan -R '^[A-Z]' -j $(JOBS)

# What runs on several threads, with ThreadSanitizer.
tsan: FOR := test
tsan: setup
	@cmake --preset tsan >/dev/null
	@cmake --build --preset tsan -j $(JOBS) --target threaded_tests
	@ctest --preset tsan -j $(JOBS)

bench: PRESET := release
bench: FOR := test
bench: build
	@/usr/bin/python3 bench/watching.py build/release/tlswhy
	@/usr/bin/python3 bench/capture.py build/release/tlswhy
	@/usr/bin/python3 bench/looking.py build/release/tlswhy
	@/usr/bin/python3 bench/scanning.py build/release/tlswhy
	@/usr/bin/python3 bench/killing.py build/release/tlswhy

# Older and newer runtimes come from npm, PyPI and the Go modules, into build/matrix.
matrix: FOR := matrix
matrix: build
	@/usr/bin/python3 tests/matrix/fetch.py build/matrix
	@/usr/bin/python3 tests/matrix/policy.py build/$(PRESET)/tlswhy --extra build/matrix
	@/usr/bin/python3 tests/matrix/matrix.py build/$(PRESET)/tlswhy --extra build/matrix

# How the lab's scenarios went here, as a page.
.PHONY: accuracy
accuracy: FOR := test
accuracy: build
	@ctest --preset dev -R '^lab[.]' -j $(JOBS)
	@{ sed '/^| cause/,$$d' docs/accuracy.md; build/$(PRESET)/tlswhy lab table build/$(PRESET)/lab-results.tsv; } >build/accuracy.md
	@mv build/accuracy.md docs/accuracy.md

lint:
	@scripts/setup.sh lint
	@scripts/lint.sh

fuzz:
	@scripts/setup.sh lint
	@scripts/fuzz.sh

docs: build
	@/usr/bin/python3 scripts/options.py build/$(PRESET)/tlswhy
	@/usr/bin/python3 scripts/regenerate-docs.py build/$(PRESET)/tlswhy

install: PRESET := release
install: build
	cmake --install build/release --prefix $(PREFIX)

package: PRESET := release
package: build
	@cd build/release && cpack -G DEB

clean:
	rm -rf build
