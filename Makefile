# The ways into this project. Each target installs what it needs (Debian 12); `make` alone lists them.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory

PRESET ?= release#  release, dev, asan or tsan
IMAGES := build/images

# Only a KUBECONFIG that is typed after `make quickstart` counts, never one that happens to be exported.
ifeq ($(origin KUBECONFIG),command line)
QUICKSTART_OPTIONS := --kubeconfig $(abspath $(KUBECONFIG)) $(if $(IMAGE),--image $(IMAGE)) \
  $(if $(SAMPLE_IMAGE),--sample-image $(SAMPLE_IMAGE))
endif

.PHONY: help
help: ## This list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 16
	@echo 'PRESET=dev|asan|tsan picks another build than release, for build, test and lint.'

.PHONY: quickstart
quickstart: ## Train a network under the operator on a real Kubernetes (KUBECONFIG=FILE: on yours)
	@manifests/quickstart/run $(QUICKSTART_OPTIONS) $(if $(NAMESPACE),--namespace $(NAMESPACE))

.PHONY: test
test: ## Install, build and run the tests
	@.ci/install-packages
	@$(MAKE) --jobs=3 compile kubernetes sample-images
	@$(MAKE) operator-image
	@ctest --preset $(PRESET) --parallel 3 --label-exclude '^(nodes|frameworks)$$'

.PHONY: test-all
test-all: ## Sanitizers, fuzzers, many simulations, every framework, for hours (PARTS='asan fuzz': these alone)
	@test/all $(PARTS)

.PHONY: build
build: ## Compile the programs, the tests and the benchmarks
	@.ci/install-packages build
	@$(MAKE) compile

.PHONY: format
format: ## Rewrite the C++ sources in the project's format
	@.ci/install-packages lint
	@git ls-files '*.cc' '*.h' '*.c' | xargs clang-format-14 -i

.PHONY: lint
lint: ## Check format, layers, shell scripts and C++ (clang-tidy)
	@.ci/install-packages build lint
	@git ls-files '*.cc' '*.h' '*.c' | xargs clang-format-14 --dry-run -Werror
	@.ci/check-layers
	@git grep -lE '^#!.*\b(ba)?sh\b|^# shellcheck shell=' | xargs shellcheck --external-sources --exclude=SC1091
	@cmake --preset $(PRESET) >/dev/null
	@.ci/tidy build/$(PRESET)

.PHONY: bench
bench: ## Measure, and compare with peers
	@.ci/install-packages
	@benchmark/run

.PHONY: images
images: ## Write the images as OCI archives to build/images
	@.ci/install-packages build images
	@$(MAKE) --jobs=2 compile sample-images
	@$(MAKE) operator-image
	@cp --reflink=auto "$$(test/cluster/images --files torch)" $(IMAGES)/
	@ls -l $(IMAGES)

.PHONY: cluster-up
cluster-up: ## Bring up a Kubernetes on this machine, and nothing in it
	@.ci/install-packages cluster images
	@test/cluster/up

.PHONY: cluster-down
cluster-down: ## Remove that Kubernetes
	@test/cluster/down

.PHONY: clean
clean: ## Remove what was compiled here (the built Kubernetes and its images are kept in ~/.cache/ffdl)
	@rm -rf build

# Parts of the above.
.PHONY: compile kubernetes sample-images operator-image
compile:
	@cmake --preset $(PRESET)
	@cmake --build --preset $(PRESET)
kubernetes:
	@test/cluster/build
sample-images:
	@test/cluster/images base torch mpi
operator-image:
	@mkdir -p $(IMAGES)
	@manifests/image/build build/$(PRESET) $(IMAGES)/ffdl.tar
