# Sourced by the examples' run.sh. Puts twinrun in front of a pair of services on free loopback ports, sends traffic,
# shows and checks what was found, and ends what it started on every way out.
# Wants bash with `set -euo pipefail`, curl and jq, and the folder of a build in TWINRUN_BUILD.

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
build=${TWINRUN_BUILD:-build/demo}
case $build in /*) ;; *) build=$root/$build ;; esac
twinrun=$build/comparator/twinrun

work=$(mktemp -d)  # logs, the store, and what curl said
pids=()            # in the order of their start
sent=0             # requests so far

say() { printf '==> %s\n' "$*"; }
fail() {
  printf '\n%s: %s\n' "${0#"$root"/}" "$*" >&2
  exit 1
}

end_all() {
  local status=$? pid
  trap - EXIT INT TERM
  for ((i = ${#pids[@]} - 1; i >= 0; i--)); do
    pid=${pids[i]}
    kill "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  case $status in
    0 | 130 | 143) rm -rf "$work" ;;
    *) echo "The logs are in $work" >&2 ;;
  esac
  exit "$status"
}
trap end_all EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

start() {  # NAME COMMAND...: in the background, with a log of that name
  local name=$1
  shift
  : >"$work/$name.log"  # port_of may look before the shell has opened it
  "$@" >"$work/$name.log" 2>&1 </dev/null &
  pids+=($!)
}

port_of() {  # NAME WORDS: the port that NAME's log gives after WORDS, once it is there
  local port i
  for ((i = 0; i < 300; i++)); do
    port=$(sed -n "s/.*$2\([0-9][0-9]*\).*/\1/p" "$work/$1.log" | head -n 1)
    [ -z "$port" ] || break
    sleep 0.1
  done
  [ -n "$port" ] || fail "$1 does not listen; its log says: $(tail -n 5 "$work/$1.log")"
  echo "$port"
}

start_twinrun() {  # CONFIGURATION: which reads OLD_URL and NEW_URL; sets front and admin
  [ -x "$twinrun" ] || fail "there is no $twinrun; build it first (./dev demo does), or set TWINRUN_BUILD"
  export STORE="$work/twinrun.db"
  start twinrun "$twinrun" serve --config "$1"
  front=http://127.0.0.1:$(port_of twinrun 'listening address=127.0.0.1:')
  admin=http://127.0.0.1:$(port_of twinrun 'admin address=127.0.0.1:')
  curl -sS --fail --retry 20 --retry-connrefused --retry-delay 1 -o /dev/null "$admin/readyz" ||
    fail "twinrun does not become ready; its log says: $(tail -n 5 "$work/twinrun.log")"
}

send() {  # PATH [CURL-OPTION...]: one request, or many where curl's [1-9] and {a,b} stand in the path
  local path=$1 count
  shift
  curl -sS --max-time 30 -o /dev/null -w '%{http_code}\n' "$@" "$front$path" >>"$work/statuses" ||
    fail "a client request failed: $path"
  count=$(wc -l <"$work/statuses")
  sent=$count
}

await_counts() {  # until twinrun has judged and stored every request that was sent
  local counted i
  for ((i = 0; i < 150; i++)); do
    counted=$(curl -sS --fail "$admin/api/v1/summary" | jq .requests)
    [ "$counted" != "$sent" ] || return 0
    sleep 0.2
  done
  fail "of $sent requests, $counted were counted"
}

table() {  # of lines with tabs, first the head
  awk -F '\t' '{ for (i = 1; i <= NF; i++) { cell[NR, i] = $i; if (length($i) > width[i]) width[i] = length($i) } }
    END { for (row = 1; row <= NR; row++) { line = "  "
      for (i = 1; i <= NF; i++) line = line sprintf("%-" width[i] "s  ", cell[row, i])
      sub(/ +$/, "", line); print line } }'
}

findings() { curl -sS --fail "$admin/api/v1/findings?limit=500"; }

show_findings() {
  findings | jq -r '
    def short: if . == null then "-" else gsub("\\s+"; " ") | if length > 32 then .[0:31] + "~" else . end end;
    ["REQUESTS", "SEVERITY", "KIND", "ROUTE", "WHERE", "OLD", "NEW"],
    (.items[] | [.requests, .severity, .kind, .route, .signature, (.example.old | short), (.example.new | short)])
    | @tsv' | table
}

show_outcomes() { curl -sS --fail "$admin/api/v1/summary" | jq -r '.outcomes | to_entries[] | select(.value > 0)
    | "  \(.value)\t\(.key)"'; }

show_gate() {
  curl -sS --fail "$admin/api/v1/gate" | jq -r '
    ["ROUTE", "VERDICT", "WHY"],
    (.routes[] | [.route, .verdict, ([.reasons[].code] | unique | join(", "))]) | @tsv' | table
}

check_gate() {  # VERDICT [ROUTE]: what `twinrun gate` says, as a pipeline asks it
  local status=0 verdicts=([0]=pass [3]=fail [4]=hold)
  "$twinrun" gate --admin "$admin" ${2:+--route "$2"} >"$work/gate" || status=$?
  [ "${verdicts[status]:-exit code $status}" = "$1" ] ||
    fail "the gate says ${verdicts[status]:-exit code $status} of ${2:-all routes}, not $1: $(cat "$work/gate")"
}

check_findings() {  # FILE: exactly these were found, each a line of route, kind and place
  findings | jq -r '.items[] | [.route, .kind, .signature] | join(" ")' | LC_ALL=C sort >"$work/found"
  grep -v '^#' "$1" | LC_ALL=C sort | diff - "$work/found" >"$work/difference" ||
    fail "the findings are not those of ${1#"$root"/} (< expected, > found): $(grep '^[<>]' "$work/difference")"
  say "these are exactly the $(wc -l <"$work/found") findings that ${1#"$root"/} names"
}

stay() {  # [--once|--stay]: keeps everything up until Ctrl-C if somebody looks on
  case ${1:-} in
    --once) return ;;
    --stay) ;;
    *) [ -t 0 ] && [ -t 1 ] || return 0 ;;
  esac
  say "twinrun: $front   dashboard: $admin/   Ctrl-C ends everything"
  trap 'exit 0' INT
  wait
}
