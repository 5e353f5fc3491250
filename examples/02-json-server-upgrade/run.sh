#!/bin/bash
# json-server 0.17.4 and 1.0.0-beta.3 on the same data, with twinrun in front of them: ./run.sh [--once|--stay]. What must
# come out is in expected.txt; anything else makes it fail. Needs node and npm; installs Debian's where they are missing.
set -euo pipefail
. "$(dirname "$0")/../pair.sh"

command -v npm >/dev/null || "$root/dev" install node

install_side() {  # old|new: json-server as its lock file names it, in the build folder
  local folder=$build/examples/json-server-$1
  if ! cmp -s "$here/$1/package-lock.json" "$folder/installed.json"; then
    say "npm installs json-server, $1"
    mkdir -p "$folder"
    cp "$here/$1/package.json" "$here/$1/package-lock.json" "$folder/"
    (cd "$folder" && npm ci --ignore-scripts --no-audit --no-fund >"$work/npm-$1.log" 2>&1) ||
      fail "npm could not install json-server: $(tail -n 5 "$work/npm-$1.log")"
    cp "$here/$1/package-lock.json" "$folder/installed.json"
  fi
  cp "$here/data.json" "$work/$1.json"
}

install_side old
install_side new
say "starting json-server 0.17.4, json-server 1.0.0-beta.3 and twinrun"
modules=$build/examples
cd "$work"
start old node --require "$here/loopback.cjs" "$modules/json-server-old/node_modules/json-server/lib/cli/bin.js" old.json
start new node --require "$here/loopback.cjs" "$modules/json-server-new/node_modules/json-server/lib/bin.js" new.json
OLD_URL=http://127.0.0.1:$(port_of old 'listening port=')
NEW_URL=http://127.0.0.1:$(port_of new 'listening port=')
export OLD_URL NEW_URL
start_twinrun "$here/twinrun.yaml"

say "old: $OLD_URL   new: $NEW_URL   twinrun: $front   dashboard: $admin/"
say "sending traffic to twinrun"
. "$here/traffic.sh"
await_counts

say "$sent requests, answered by the old json-server; the new one was asked too. How they ended:"
show_outcomes
say "what the new json-server does differently:"
show_findings
say "may the new json-server take over?"
show_gate

check_findings "$here/expected.txt"
stay "$@"
