#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "diffing/diff.h"
#include "diffing/render.h"
#include "tests/diffing/random_pairs.h"
#include "tests/diffing/support.h"
#include "tests/support/catch.h"

using diffing::diff;
using diffing::RuleSet;
using diffing::to_unified;
using diffing::UnifiedStyle;
using diffing::Verb;

namespace {

using Lines = std::vector<std::string>;

Lines split(const std::string& text) {
  std::istringstream in(text);
  Lines lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

/// The document that is written out so: commas go between a value and the next one.
std::string json_of(const Lines& lines) {
  std::string json;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    json += lines[i] + "\n";
    const bool opens = lines[i].ends_with('[') || lines[i].ends_with('{');
    const std::string next = i + 1 < lines.size() ? lines[i + 1].substr(lines[i + 1].find_first_not_of(' ')) : "]";
    if (!opens && next != "]" && next != "}") json += ",";
  }
  return json;
}

/// The lines of one side, from a view without end of context.
Lines side(const std::string& unified, char other) {
  Lines lines;
  for (const std::string& line : split(unified)) {
    const bool head = line.starts_with("--- ") || line.starts_with("+++ ") || line.starts_with("@@ ");
    if (!head && line[0] != other) lines.push_back(line.substr(1));
  }
  return lines;
}

/// Applies hunks as the program `patch` does, without any latitude.
Lines apply_hunks(const std::string& unified, const Lines& old_lines) {
  Lines out;
  std::size_t taken = 0;
  std::size_t left_old = 0;
  std::size_t left_new = 0;
  for (const std::string& line : split(unified)) {
    if (line.starts_with("--- ") || line.starts_with("+++ ")) continue;
    if (line.starts_with("@@ ")) {
      REQUIRE((left_old == 0 && left_new == 0));
      const auto range = [&line](char sign) {
        const std::size_t at = line.find(sign);
        const std::size_t comma = line.find_first_of(", ", at);
        const std::size_t start = std::stoul(line.substr(at + 1));
        return std::pair{start, line[comma] == ',' ? std::stoul(line.substr(comma + 1)) : 1};
      };
      const auto [old_start, old_count] = range('-');
      const auto [new_start, new_count] = range('+');
      for (; taken + (old_count != 0) < old_start; ++taken) out.push_back(old_lines.at(taken));
      REQUIRE(out.size() + (new_count != 0) == new_start);
      left_old = old_count;
      left_new = new_count;
      continue;
    }
    if (line[0] != '+') {
      REQUIRE(old_lines.at(taken++) == line.substr(1));
      --left_old;
    }
    if (line[0] != '-') {
      out.push_back(line.substr(1));
      --left_new;
    }
  }
  REQUIRE((left_old == 0 && left_new == 0));
  out.insert(out.end(), old_lines.begin() + static_cast<std::ptrdiff_t>(taken), old_lines.end());
  return out;
}

UnifiedStyle with_context(std::size_t lines) {
  UnifiedStyle style;
  style.context = lines;
  return style;
}

const std::string kOld = R"({"shop":"north","items":[{"sku":17,"qty":1,"tags":["x","y"]},{"sku":18,"qty":2,"tags":[]},)"
                         R"({"sku":19,"qty":3,"tags":["z"]}],"total":12345678901234567890})";
const std::string kNew = R"({"shop":"north","items":[{"sku":17,"qty":1,"tags":["x","y"]},{"sku":18,"qty":5,"tags":[]},)"
                         R"({"sku":19,"qty":3,"tags":["z"]}],"total":12345678901234567891,"vat":0.19})";

}  // namespace

TEST_CASE("The unified view shows each change among its neighbours, under its place") {
  CHECK(to_unified({kOld, kNew}).value() == R"(--- old
+++ new
@@ -11,7 +11,7 @@ value /items/1/qty (sku=18)
     }
     {
       "sku": 18
-      "qty": 2
+      "qty": 5
       "tags": []
     }
     {
@@ -22,5 +22,6 @@ value /total, extra /vat
       ]
     }
   ]
-  "total": 12345678901234567890
+  "total": 12345678901234567891
+  "vat": 0.19
 }
)");
}

TEST_CASE("The unified view shows what came, went and moved where it stands on each side") {
  CHECK(to_unified({R"([{"id":1},{"id":2},{"id":3},{"id":4}])", R"([{"id":4},{"id":1},{"id":9},{"id":3}])"},
                   with_context(1))
            .value() == R"(--- old
+++ new
@@ -1,2 +1,5 @@ moved /3 to /0 (id=4)
 [
+  {
+    "id": 4
+  }
   {
@@ -5,3 +8,3 @@ value /1/id (id=2)
   {
-    "id": 2
+    "id": 9
   }
@@ -10,5 +13,2 @@ moved /3 to /0 (id=4)
   }
-  {
-    "id": 4
-  }
 ]
)");
}

TEST_CASE("Of an array in another order only the part that is not in place is shown") {
  CHECK(to_unified({"[1,2,3,4,5]", "[1,4,3,2,5.0]"}, with_context(0)) ==
        "--- old\n+++ new\n@@ -3,3 +3,3 @@ order the root\n-  2\n-  3\n-  4\n+  4\n+  3\n+  2\n");
}

TEST_CASE("The unified view is empty where nothing differs, and nothing where a side is not JSON") {
  CHECK(to_unified({"[1, 2]", "[1.0,2]"}) == "");
  CHECK(to_unified({"[1]", "[1"}) == std::nullopt);
}

TEST_CASE("What rules let pass is shown as old has it") {
  const RuleSet rules = compiled({rule(Verb::ignore, "/at"), rule(Verb::embedded_json, "/p")});

  CHECK(to_unified({R"({"at":1,"p":"{\"a\":1}"})", R"({"at":2,"p":"{\"a\":2}"})", rules, {}}).value() == R"(--- old
+++ new
@@ -1,6 +1,6 @@ value /p/a
 {
   "at": 1
   "p": {
-    "a": 1
+    "a": 2
   }
 }
)");
}

TEST_CASE("The unified view has as many differences as are asked for") {
  diffing::Limits limits;
  limits.max_differences = 1;

  const std::string unified = to_unified({"[1,2]", "[3,4]", RuleSet(), limits}).value();

  CHECK(side(unified, '+') == Lines{"[", "  1", "  2", "]"});
  CHECK(side(unified, '-') == Lines{"[", "  3", "  2", "]"});
}

TEST_CASE("The unified view is coloured where asked for, and names what was given") {
  UnifiedStyle style;
  style.colour = true;
  style.old_name = "a\x1b[2J.json";

  const std::string unified = to_unified({"1", "2"}, style).value();

  CHECK(unified ==
        "--- a\\u001b[2J.json\n+++ new\n\x1b[36m@@ -1 +1 @@ value the root\x1b[0m\n"
        "\x1b[31m-1\x1b[0m\n\x1b[32m+2\x1b[0m\n");
}

TEST_CASE("The unified view with all its context holds both documents") {
  for (std::uint32_t seed = 0; seed < 400; ++seed) {
    const bool rows = seed % 2 == 0;
    const auto pair = rows ? random_pairs::random_rows(seed) : random_pairs::random_pair(seed);
    const std::string old_json = rows ? random_pairs::spelled(pair.old_value) : pair.old_value.dump();
    const std::string new_json = rows ? random_pairs::spelled(pair.new_value) : pair.new_value.dump();
    const std::string unified = to_unified({old_json, new_json}, with_context(1'000'000)).value();
    INFO("seed " << seed << ": " << old_json << " and " << new_json << "\n" << unified);
    REQUIRE(unified.empty() == diff(old_json, new_json).equal());
    if (unified.empty()) continue;

    REQUIRE(diff(json_of(side(unified, '+')), old_json).equal());
    REQUIRE(diff(json_of(side(unified, '-')), new_json).equal());
  }
}

TEST_CASE("The hunks applied to old written out give new written out") {
  for (std::uint32_t seed = 0; seed < 400; ++seed) {
    const auto pair = random_pairs::random_rows(seed);
    const std::string old_json = random_pairs::spelled(pair.old_value);
    const std::string new_json = random_pairs::spelled(pair.new_value);
    const std::string whole = to_unified({old_json, new_json}, with_context(1'000'000)).value();
    const std::string unified = to_unified({old_json, new_json}, with_context(seed % 4)).value();
    INFO("seed " << seed << ": " << old_json << " and " << new_json << "\n" << unified);

    REQUIRE(apply_hunks(unified, side(whole, '+')) == side(whole, '-'));
  }
}
