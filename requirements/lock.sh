#!/bin/sh
# Pin every requirement with its hashes, without the address of any registry.
set -eu
lock() {
    out=$1
    shift
    pip-compile --quiet --strip-extras --generate-hashes --allow-unsafe --no-emit-index-url --no-emit-find-links \
        --no-emit-options --no-header --annotation-style=line --output-file "$out" "$@" pyproject.toml
}
lock requirements/dev.txt --extra sandbox --extra fleet --extra review --extra dev
lock requirements/sandbox.txt --constraint requirements/dev.txt --extra sandbox --build-deps-for editable
lock requirements/run.txt --constraint requirements/dev.txt
lock requirements/proof.txt --constraint requirements/dev.txt --extra proof
lock requirements/fleet.txt --constraint requirements/dev.txt --extra fleet
