#include <string>
#include <vector>

#include "tests/comparator/cli/program.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace comparator::cli {
namespace {

const std::string kGood = R"(old: {url: http://a:1, build: v1}
new: {url: http://b:2}
routes:
  - name: get-invoice
    match: {methods: [GET], path: "/invoices/{id}"}
    sample: 50%
    rules:
      - {ignore: /body/generatedAt, reason: stamped at render time}
      - {ignore: /body/legacy, reason: gone soon, expires: 2020-01-31}
)";

/// A folder with the files that the arguments below name.
void fill(const support::TemporaryDirectory& folder) {
  write_file(folder / "good.yaml", kGood);
  write_file(folder / "bad.yaml", "lisen: 1\nold: {url: ftp://a}\n");
  write_file(folder / "empty.yaml", "");
  write_file(folder / "a.json", R"({"id": 1, "at": "09:00", "total": 10})");
  write_file(folder / "a2.json", R"({ "at": "09:00", "total": 10.0, "id": 1 })");
  write_file(folder / "b.json", R"({"id": 2, "at": "09:01", "total": 10})");
  write_file(folder / "text.txt", "{\"id\": 1,\n  oops}");
  write_file(folder / "rules.yaml", "- ignore: [/id, /at]\n");
  write_file(folder / "expired.yaml", "- {ignore: [/id, /at], expires: 2020-01-31}\n");
  write_file(folder / "bad_rules.yaml", "- ignore: id\n");
  write_file(folder / "token", "short\nlong\n");
}

struct Row {
  std::string name;
  std::vector<std::string> arguments;
  int exit_code;
  std::string in_out;  // what the standard output must contain; empty: it must be empty
  std::string in_err;  // likewise of the standard error
  std::string why;
};

void check(const Row& row, const std::string& input = "") {
  INFO(row.why);
  const support::TemporaryDirectory folder;
  fill(folder);

  const Outcome outcome = run_twinrun(folder.path().string(), row.arguments, input);

  INFO("stdout: " << outcome.out << "\nstderr: " << outcome.err);
  CHECK(outcome.exit_code == row.exit_code);
  CHECK(outcome.out.find(row.in_out) != std::string::npos);
  CHECK(outcome.out.empty() == row.in_out.empty());
  CHECK(outcome.err.find(row.in_err) != std::string::npos);
  CHECK(outcome.err.empty() == row.in_err.empty());
  CHECK((outcome.out + outcome.err).find('\x1b') == std::string::npos);
}

TEST_CASE("help and version are data, a wrong command line is talk and exit code 2") {
  const auto row = GENERATE(values<Row>({
      {"version", {"--version"}, 0, "twinrun 0.", "", "scripts ask"},
      {"help", {"--help"}, 0, "Examples:", "", "asked for, so it is data"},
      {"help of serve", {"serve", "--help"}, 0, "twinrun serve --old http", "", "each command has examples"},
      {"help of check", {"check", "--help"}, 0, "Examples:", "", "each command has examples"},
      {"help of diff",
       {"diff", "--help"},
       0,
       "Exit codes: 0 equal, 1 different, 2 cannot tell",
       "",
       "codes are documented"},
      {"help of gate", {"gate", "--help"}, 0, "Exit codes: 0 pass, 3 fail, 4 hold", "", "codes are documented"},
      {"help of findings", {"findings", "-h"}, 0, "Examples:", "", "each command has examples"},
      {"help of reports", {"reports", "-h"}, 0, "Examples:", "", "each command has examples"},
      {"nothing", {}, 2, "", "Examples:", "not asked for, so it is talk"},
      {"misspelt", {"srve"}, 2, "", "no command `srve`, did you mean `serve`?", "a slip"},
      {"unknown", {"frobnicate"}, 2, "", "no command `frobnicate`; `twinrun --help` lists them", "no guess"},
      {"escapes", {"\x1b[2J"}, 2, "", "no command `\\x1b[2J`", "an argument must not drive the terminal"},
      {"unknown option", {"check", "--fast", "good.yaml"}, 2, "", "--fast", "the library's own code is another"},
      {"missing argument", {"check"}, 2, "", "FILE", "the library's own code is another"},
      {"too many", {"check", "good.yaml", "good.yaml"}, 2, "", "good.yaml", "the library's own code is another"},
      {"bad number", {"findings", "twelve"}, 2, "", "twelve", "an id is a number"},
      {"bad state", {"findings", "--state", "closed"}, 2, "", "closed", "what is allowed is told"},
      {"bad format", {"diff", "a.json", "b.json", "--format", "xml"}, 2, "", "xml", "what is allowed is told"},
  }));
  DYNAMIC_SECTION(row.name) { check(row); }
}

TEST_CASE("check says what would be served, or everything that is wrong") {
  const auto row = GENERATE(values<Row>({
      {"good",
       {"check", "good.yaml"},
       0,
       "get-invoice  shadow  50%     GET",
       "good.yaml:9: warning: the rule `ignore: "
       "/body/legacy` expired on 2020-01-31",
       "an expired rule is a warning"},
      {"sides",
       {"check", "good.yaml"},
       0,
       "old     http://a:1 (build v1)\nnew     http://b:2\n",
       "warning",
       "the summary"},
      {"bad",
       {"check", "bad.yaml"},
       2,
       "",
       "bad.yaml:1:1: unknown key `lisen`, did you mean `listen`?",
       "first problem"},
      {"bad, too", {"check", "bad.yaml"}, 2, "", "bad.yaml:2:12: old.url: found `ftp://a`", "all problems at once"},
      {"empty", {"check", "empty.yaml"}, 2, "", "empty.yaml:1:1: found nothing", "an empty file"},
      {"no file", {"check", "none.yaml"}, 2, "", "cannot read none.yaml: No such file or directory", "a slip"},
      {"folder", {"check", "."}, 2, "", "cannot read .: Is a directory", "a slip"},
      {"no colour", {"check", "bad.yaml"}, 2, "", "`new` is missing", "into a file nothing is coloured"},
  }));
  DYNAMIC_SECTION(row.name) { check(row); }
}

TEST_CASE("diff tells equal, different and cannot tell apart") {
  const auto row = GENERATE(values<Row>({
      {"same file", {"diff", "a.json", "a.json"}, 0, "equal", "", "nothing differs"},
      {"equal", {"diff", "a.json", "a2.json"}, 0, "equal", "", "order and spelling do not count"},
      {"different", {"diff", "a.json", "b.json"}, 1, "/id", "", "the place is data"},
      {"json", {"diff", "a.json", "b.json", "--format", "json"}, 1, "\"equal\"", "", "for programs"},
      {"rules",
       {"diff", "a.json", "b.json", "--rules", "rules.yaml"},
       0,
       "equal",
       "",
       "paths relative to the document"},
      {"expired",
       {"diff", "a.json", "b.json", "--rules", "expired.yaml"},
       1,
       "/id",
       "expired.yaml:1: warning: the rule "
       "`ignore: /id` expired on 2020-01-31",
       "stops applying and says so"},
      {"wrong rules",
       {"diff", "a.json", "b.json", "--rules", "bad_rules.yaml"},
       2,
       "",
       "bad_rules.yaml:1:11: ",
       "cannot tell"},
      {"no rules", {"diff", "a.json", "b.json", "--rules", "none"}, 2, "", "cannot read none: ", "cannot tell"},
      {"not JSON", {"diff", "a.json", "text.txt"}, 2, "", "text.txt:2:3: ", "where, and on which side"},
      {"no file", {"diff", "none.json", "a.json"}, 2, "", "cannot read none.json: No such file", "cannot tell"},
      {"stdin twice", {"diff", "-", "-"}, 2, "", "can be one of the files only", "the second would be empty"},
      {"few", {"diff", "a.json", "b.json", "--max", "1"}, 1, "the first 1 of 2 shown", "", "all are counted"},
  }));
  DYNAMIC_SECTION(row.name) { check(row); }
}

TEST_CASE("a pipe is read like a file") {
  check({"stdin", {"check", "-"}, 0, "http://a:1", "-:9: warning", "a pipe is a file"}, kGood);
  check({"stdin", {"diff", "a.json", "-"}, 1, "/id", "", "a pipe is a file"},
        R"({"id": 3, "at": "09:00", "total": 10})");
}

TEST_CASE("serve starts nothing with a wrong configuration and exits 2") {
  const auto row = GENERATE(values<Row>({
      {"nothing", {"serve"}, 2, "", "serve needs `--old URL --new URL` or `--config FILE`", "what is needed is told"},
      {"half", {"serve", "--old", "http://a"}, 2, "", "serve needs `--old URL --new URL`", "half of a comparison"},
      {"bad url",
       {"serve", "--old", "a", "--new", "ftp://b"},
       2,
       "",
       "twinrun: --old: found `a`; allowed is http://host",
       "the flag is named"},
      {"other bad url",
       {"serve", "--old", "a", "--new", "ftp://b"},
       2,
       "",
       "twinrun: --new: found `ftp://b`",
       "all at once"},
      {"bad file", {"serve", "--config", "bad.yaml"}, 2, "", "bad.yaml:1:1: unknown key `lisen`", "as check"},
      {"bad flag on a file",
       {"serve", "--config", "good.yaml", "--listen", "80"},
       2,
       "",
       "twinrun: --listen: found `80`",
       "flags go before the file"},
      {"open admin",
       {"serve", "--old", "http://a", "--new", "http://b", "--admin", "0.0.0.0:9400"},
       2,
       "",
       "listens beyond this machine",
       "promise 7: nobody gets in"},
  }));
  DYNAMIC_SECTION(row.name) { check(row); }
}

TEST_CASE("serve says in one sentence what it cannot have and exits 1") {
  const auto row = GENERATE(values<Row>({
      {"unwritable store",
       {"serve", "--old", "http://127.0.0.1:1", "--new", "http://127.0.0.1:2", "--listen", "127.0.0.1:0", "--admin",
        "127.0.0.1:0", "--store", "none/t.db"},
       1,
       "",
       "none/t.db",
       "no such folder"},
      {"unknown host",
       {"serve", "--old", "http://old.invalid", "--new", "http://127.0.0.1:2", "--listen", "127.0.0.1:0", "--admin",
        "127.0.0.1:0"},
       1,
       "",
       "old.invalid",
       "names are looked up once, at the start"},
  }));
  DYNAMIC_SECTION(row.name) { check(row); }
}

TEST_CASE("without a running twinrun the exit code is 5") {
  // Port 1 (tcpmux) is not served on any machine of ours, and connecting to it needs no right.
  const auto row = GENERATE(values<Row>({
      {"gate", {"gate", "--admin", "http://127.0.0.1:1"}, 5, "", "127.0.0.1:1", "broken is not no"},
      {"findings",
       {"findings", "--admin", "http://127.0.0.1:1"},
       5,
       "",
       "no twinrun answers at http://127.0.0.1:1",
       "broken"},
      {"reports",
       {"reports", "--admin", "http://127.0.0.1:1"},
       5,
       "",
       "no twinrun answers at http://127.0.0.1:1",
       "broken"},
      {"bad address", {"findings", "--admin", "127.0.0.1:1"}, 2, "", "--admin: ", "usage, before anything is sent"},
      {"no token file", {"reports", "--token-file", "none"}, 2, "", "cannot read none: ", "usage"},
      {"bad token file",
       {"reports", "--token-file", "token"},
       2,
       "",
       "token does not hold one line with a token",
       "usage"},
  }));
  DYNAMIC_SECTION(row.name) { check(row); }
}

}  // namespace
}  // namespace comparator::cli
