#!/usr/bin/env bash
# Builds the extension under AddressSanitizer and UndefinedBehaviorSanitizer and runs the tests of
# the kernels with it: $PYTHON must have the test extra installed.
set -euo pipefail
cd "$(dirname "$0")/.."

python=${PYTHON:-.venv/bin/python}
tests=("${@:-tests/kernels}")
target=build/sanitized
flags="-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer -g"

for test in "${tests[@]}"; do
    [ -e "$test" ] || { echo "sanitize: $test does not exist" >&2; exit 1; }
done

rm -rf "$target" build/lib* build/temp*
CC=gcc CFLAGS="$flags" LDFLAGS="$flags" DENSEFIT_CFLAGS=-O1 \
    "$python" -m pip --disable-pip-version-check --quiet install --no-deps --target "$target" .
rm -rf build/lib* build/temp*

# Python itself is not instrumented: the run-time libraries must be there first, and what the
# interpreter never frees is not a leak of ours.
preload="$(gcc -print-file-name=libasan.so) $(gcc -print-file-name=libubsan.so)"
LD_PRELOAD="$preload" PYTHONMALLOC=malloc PYTHONPATH="$target" \
    ASAN_OPTIONS=detect_leaks=0:abort_on_error=1 \
    UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1 \
    "$python" -P -m pytest -p no:cacheprovider -p no:xdist "${tests[@]}"
