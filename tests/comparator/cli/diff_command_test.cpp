// What `twinrun diff` prints, byte by byte.
#include <cstdlib>
#include <string>
#include <vector>

#include "tests/comparator/cli/program.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace comparator::cli {
namespace {

void fill(const support::TemporaryDirectory& folder) {
  write_file(folder / "old.json", R"({"items":[{"sku":17,"qty":1},{"sku":18,"qty":2}],"at":"09:00","total":1.50})");
  write_file(folder / "new.json", R"({"items":[{"sku":17,"qty":1},{"sku":18,"qty":3}],"at":"09:01","total":1.5})");
  write_file(folder / "rules.yaml", "- ignore: /at\n");
  write_file(folder / "repeats.json", R"({"a":1,"a":2})");
  write_file(folder / "garbage", "{\"a\": 1,\n oops}");
  write_file(folder / "list.json", "[1, 2, []]");
  write_file(folder / "other_list.json", "[3, 4, []]");
}

struct Row {
  std::string name;
  std::vector<std::string> arguments;
  int exit_code;
  std::string out;
  std::string err;
  std::string why;
};

void check(const Row& row, const std::string& input = "") {
  INFO(row.why);
  const support::TemporaryDirectory folder;
  fill(folder);

  const Outcome outcome = run_twinrun(folder.path().string(), row.arguments, input);

  CHECK(outcome.out == row.out);
  CHECK(outcome.err == row.err);
  CHECK(outcome.exit_code == row.exit_code);
}

const std::string kGarbageErrors =
    "garbage:2:2: old is not JSON (offset 10): expected a member name in quotes, found 'o'\n"
    "garbage:2:2: new is not JSON (offset 10): expected a member name in quotes, found 'o'\n";

TEST_CASE("diff prints the same bytes for the same documents") {
  const auto row = GENERATE(values<Row>({
      {"text",
       {"diff", "old.json", "new.json"},
       1,
       "value /items/1/qty (sku=18)\n"
       "  in {\"sku\": 18, \"qty\": 2}\n"
       "  - 2\n"
       "  + 3\n"
       "value /at\n"
       "  in {\"items\": […], \"at\": \"09:00\", \"total\": 1.50}\n"
       "  - \"09:00\"\n"
       "  + \"09:01\"\n"
       "2 differences (2 value), divergence 33.33 %\n",
       "",
       "for people: the place, what stands around it, both values"},
      {"text by rules",
       {"diff", "old.json", "new.json", "--rules", "rules.yaml", "--format", "text"},
       1,
       "value /items/1/qty (sku=18)\n"
       "  in {\"sku\": 18, \"qty\": 2}\n"
       "  - 2\n"
       "  + 3\n"
       "1 difference (1 value), divergence 16.67 %; rules let 1 place pass\n",
       "",
       "what rules let pass is counted"},
      {"some of the text",
       {"diff", "list.json", "other_list.json", "--max", "1"},
       1,
       "value /0\n"
       "  in [1, 2, []]\n"
       "  - 1\n"
       "  + 3\n"
       "2 differences (2 value), divergence 66.67 %; the first 1 of 2 shown\n",
       "",
       "all are counted"},
      {"unified",
       {"diff", "old.json", "new.json", "--format", "unified"},
       1,
       "--- old.json\n"
       "+++ new.json\n"
       "@@ -6,9 +6,9 @@ value /items/1/qty (sku=18), value /at\n"
       "     }\n"
       "     {\n"
       "       \"sku\": 18\n"
       "-      \"qty\": 2\n"
       "+      \"qty\": 3\n"
       "     }\n"
       "   ]\n"
       "-  \"at\": \"09:00\"\n"
       "+  \"at\": \"09:01\"\n"
       "   \"total\": 1.50\n"
       " }\n",
       "",
       "another spelling of a number is no change"},
      {"some of the unified view",
       {"diff", "list.json", "other_list.json", "--format", "unified", "--max", "1"},
       1,
       "--- list.json\n+++ other_list.json\n@@ -1,5 +1,5 @@ value /0\n [\n-  1\n+  3\n   2\n   []\n ]\n",
       "twinrun: the first 1 of 2 differences are shown\n",
       "the view is data, what is missing from it is talk"},
      {"equal, unified", {"diff", "list.json", "list.json", "--format", "unified"}, 0, "", "", "as diff -u"},
      {"JSON",
       {"diff", "old.json", "new.json", "--rules", "rules.yaml", "--format", "json"},
       1,
       R"({"equal":false,"score":0.16666666666666666,"counts":{"missing":0,"extra":0,"type":0,"value":1,"order":0,)"
       R"("moved":0,"undecodable":0},"ruled":1,"leaves":{"old":6,"new":6},"differences":[{"path":"/items/1/qty",)"
       R"("kind":"value","old":2,"new":3,"severity":"major","signature":"/items/*/qty","identity":"sku=18"}],)"
       R"("truncated":false,"approximate":false,"hints":[],"errors":[]})"
       "\n",
       "",
       "for programs"},
      {"JSON of the same file",
       {"diff", "list.json", "list.json", "--format", "json"},
       0,
       R"({"equal":true,"score":0,"counts":{"missing":0,"extra":0,"type":0,"value":0,"order":0,"moved":0,)"
       R"("undecodable":0},"ruled":0,"leaves":{"old":3,"new":3},"differences":[],"truncated":false,)"
       R"("approximate":false,"hints":[],"errors":[]})"
       "\n",
       "",
       "leaves are counted where nothing differs as well"},
      {"patch",
       {"diff", "old.json", "new.json", "--format", "patch"},
       1,
       "[{\"op\":\"replace\",\"path\":\"/items/1/qty\",\"value\":3},\n"
       "{\"op\":\"replace\",\"path\":\"/at\",\"value\":\"09:01\"}]\n",
       "",
       "RFC 6902"},
      {"patch by rules",
       {"diff", "old.json", "new.json", "--format", "patch", "--rules", "rules.yaml"},
       1,
       "[{\"op\":\"replace\",\"path\":\"/items/1/qty\",\"value\":3}]\n",
       "twinrun: what the rules let pass (1 place) is not in the patch\n",
       "the patch does not give new, and says so"},
      {"patch of many",
       {"diff", "list.json", "other_list.json", "--format", "patch", "--max", "1"},
       1,
       "[{\"op\":\"replace\",\"path\":\"/0\",\"value\":3},\n"
       "{\"op\":\"replace\",\"path\":\"/1\",\"value\":4}]\n",
       "",
       "part of a patch would be a wrong one"},
      {"patch of nothing", {"diff", "list.json", "list.json", "--format", "patch"}, 0, "[]\n", "", "nothing to do"},
      {"patch of repeated names",
       {"diff", "list.json", "repeats.json", "--format", "patch"},
       2,
       "",
       "twinrun: no patch: new repeats a member name in the object at line 1, column 1 (offset 0): the pointers of a "
       "patch cannot tell such members apart\n",
       "no patch rather than a wrong one"},
  }));
  DYNAMIC_SECTION(row.name) { check(row); }
}

TEST_CASE("What is not JSON is never equal, whatever the format") {
  for (const std::string format : {"text", "unified", "patch"}) {
    check({format, {"diff", "garbage", "garbage", "--format", format}, 2, "", kGarbageErrors, "side, place, reason"});
  }
  check({"JSON",
         {"diff", "list.json", "garbage", "--format", "json"},
         2,
         R"({"equal":false,"score":1,"counts":{"missing":0,"extra":0,"type":0,"value":0,"order":0,"moved":0,)"
         R"("undecodable":1},"ruled":0,"leaves":{"old":0,"new":0},"differences":[{"path":"","kind":"undecodable",)"
         R"("old":null,"new":"{\"a\": 1,\n oops}","severity":"major","signature":""}],"truncated":false,)"
         R"("approximate":false,"hints":[],"errors":[{"side":"new","offset":10,"line":2,"column":2,)"
         R"("message":"expected a member name in quotes, found 'o'"}]})"
         "\n",
         "garbage:2:2: new is not JSON (offset 10): expected a member name in quotes, found 'o'\n",
         "programs are told as well"});
  check({"standard input",
         {"diff", "-", "list.json"},
         2,
         "",
         "standard input:1:1: old is not JSON (offset 0): expected a value, found the end\n",
         "nothing at all is not JSON either"});
}

TEST_CASE("A value in JSON is whole, however long") {
  const support::TemporaryDirectory folder;
  const std::string digits(5000, '7');
  write_file(folder / "a", digits);
  write_file(folder / "b", "\"" + digits + "\"");

  const Outcome outcome = run_twinrun(folder.path().string(), {"diff", "a", "b", "--format", "json"});

  CHECK(outcome.exit_code == 1);
  CHECK(outcome.out.find("\"old\":" + digits + ",\"new\":\"" + digits + "\",") != std::string::npos);
}

TEST_CASE("On a terminal differences are coloured, unless NO_COLOR is set") {
  const support::TemporaryDirectory folder;
  fill(folder);
  const std::vector<std::string> text{"diff", "list.json", "other_list.json"};
  const std::vector<std::string> unified{"diff", "list.json", "other_list.json", "--format", "unified"};

  CHECK(run_on_terminal(folder.path().string(), text).out.find("\x1b[31m  - 1\x1b[0m") != std::string::npos);
  CHECK(run_on_terminal(folder.path().string(), unified).out.find("\x1b[32m+  3\x1b[0m") != std::string::npos);
  ::setenv("NO_COLOR", "1", 1);
  CHECK(run_on_terminal(folder.path().string(), text).out.find('\x1b') == std::string::npos);
  ::unsetenv("NO_COLOR");
}

}  // namespace
}  // namespace comparator::cli
