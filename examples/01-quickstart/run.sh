#!/bin/bash
# Two small shops, old and new, with twinrun in front of them: ./run.sh [--once|--stay]. What must come out is in
# expected.txt; anything else makes it fail.
set -euo pipefail
. "$(dirname "$0")/../pair.sh"

[ -x "$build/examples/shop" ] || fail "there is no $build/examples/shop; build first (./dev demo does), or set TWINRUN_BUILD"
say "starting the old shop, the new shop and twinrun"
start old "$build/examples/shop" --variant old
start new "$build/examples/shop" --variant new
OLD_URL=http://127.0.0.1:$(port_of old 'listening port=')
NEW_URL=http://127.0.0.1:$(port_of new 'listening port=')
export OLD_URL NEW_URL
start_twinrun "$here/twinrun.yaml"

say "old: $OLD_URL   new: $NEW_URL   twinrun: $front   dashboard: $admin/"
say "sending traffic to twinrun"
. "$here/traffic.sh"
await_counts

say "$sent requests, answered by the old shop; the new one was asked too. How they ended:"
show_outcomes
say "what the new shop does differently:"
show_findings
say "may the new shop take over?"
show_gate

check_findings "$here/expected.txt"
check_gate pass get-product
check_gate pass get-stock
check_gate hold get-report
check_gate fail
! grep -qv '^20[01]$' "$work/statuses" || fail "clients saw something else than 200 and 201"
[ "$(curl -sS "$NEW_URL/writes" | jq .writes)" = 0 ] || fail "the new shop was sent a write"
stay "$@"
