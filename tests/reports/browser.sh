#!/bin/sh
# The HTML report in a real browser: browser.sh BUILD_DIR MAKE_RESULTS RENDER [SCREENSHOT_DIR]
#
# Makes runs with the generator, renders them, and lets browser.mjs look at them in headless
# Chromium. Skipped (77), with the reason, where there is no browser, npm or package to be had.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
work=$1/browser
make_results=$2
render=$3
shots=${4:-}

skip() {
    echo "skipped: $1"
    exit 77
}

browser=${CHROMIUM:-}
for candidate in chromium chromium-browser google-chrome; do
    [ -n "$browser" ] || browser=$(command -v "$candidate" || true)
done
[ -n "$browser" ] || skip "no chromium on this machine"
command -v npm >/dev/null || skip "no npm on this machine"
command -v node >/dev/null || skip "no node on this machine"

mkdir -p "$work"
if ! cmp -s "$here/package.json" "$work/package.json" || [ ! -d "$work/node_modules" ]; then
    cp "$here/package.json" "$work/package.json.new"
    rm -f "$work/package.json"
    mkdir -p "$work/fresh"
    cp "$here/package.json" "$work/fresh/package.json"
    # --ignore-scripts: the package alone; the browser is the system's.
    if ! npm install --prefix "$work/fresh" --ignore-scripts --no-audit --no-fund \
        --no-package-lock --loglevel=error >"$work/npm.log" 2>&1; then
        cat "$work/npm.log"
        skip "npm cannot install playwright-core"
    fi
    rm -rf "$work/node_modules"
    mv "$work/fresh/node_modules" "$work/node_modules"
    mv "$work/package.json.new" "$work/package.json"
fi

for run in "passing 300" "mixed 300" "hostile 100" "mixed 5000"; do
    kind=${run% *}
    count=${run#* }
    directory=$work/$kind-$count
    mkdir -p "$directory"
    "$make_results" "$count" "$kind" "$directory"
    "$render" html "$directory/results.json" "$directory/report.html"
done

cp "$here/browser.mjs" "$work/browser.mjs"
cd "$work"
exec node browser.mjs "$browser" "$work" "$shots"
