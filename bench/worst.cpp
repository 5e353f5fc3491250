// What the worst pairs cost that we could think of: processor time and peak memory of one comparison, each in a process
// of its own. Without arguments: hostile pairs of 1 MB a side. With a directory: the pairs in it, without rules.
//
//   bench_worst [DIRECTORY] [--only TEXT]
//
// Ends with 1 when a pair takes more than 0.5 s for 1 MB a side, or more memory than 40 times both sides and 64 MB.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "diffing/diff.h"

namespace {

using diffing::Rule;
using diffing::Verb;

constexpr std::size_t kBytes = 1'000'000;  // of each side

struct Pair {
  std::string old_json;
  std::string new_json;
  std::vector<Rule> rules;
  diffing::Limits limits;
};

using Random = std::mt19937_64;

Rule rule(Verb verb, std::string path, std::string argument = "") {
  Rule made;
  made.verb = verb;
  made.path = std::move(path);
  if (verb == Verb::tolerance) made.absolute = argument;
  if (verb == Verb::keyed) made.by = {argument};
  made.argument = std::move(argument);
  return made;
}

/// The same rules wherever they are allowed.
std::map<std::string, std::vector<Rule>> rule_lists() {
  const Rule unordered = rule(Verb::unordered, "/**");
  const Rule tolerance = rule(Verb::tolerance, "/**", "0.1");
  const Rule any_case = rule(Verb::case_insensitive, "/**");
  const Rule pattern = rule(Verb::pattern, "/**", "(x+x+)+y|[a-f0-9]{1,100}");
  std::vector<Rule> ignored;
  for (int i = 0; i < 1000; ++i) ignored.push_back(rule(Verb::ignore, "/**/k" + std::to_string(i)));
  std::vector<Rule> conditions;
  for (int i = 0; i < 60; ++i) {
    conditions.push_back(rule(Verb::ignore, "/**/[m" + std::to_string(i) + "=1]/x"));
  }
  return {{"no rules", {}},
          {"unordered", {unordered}},
          {"set", {rule(Verb::set, "/**")}},
          {"keyed", {rule(Verb::keyed, "/**", "id")}},
          {"tolerance", {tolerance}},
          {"unordered, tolerance", {unordered, tolerance}},
          {"set, tolerance", {rule(Verb::set, "/**"), tolerance}},
          {"keyed, tolerance", {rule(Verb::keyed, "/**", "id"), tolerance}},
          {"unordered, pattern, case", {unordered, pattern, any_case}},
          {"unordered, absent", {unordered, rule(Verb::equal_if_absent, "/**"), rule(Verb::extra_ok, "/**/x")}},
          {"only", {rule(Verb::only, "/**/zz")}},
          {"1,000 ignored", ignored},
          {"60 conditions", conditions},
          {"embedded", {rule(Verb::embedded_json, "/**"), unordered}}};
}

/// An array of what `element` makes, until it is large enough.
std::string array(const std::function<std::string(std::size_t)>& element, std::size_t bytes = kBytes) {
  std::string out = "[";
  for (std::size_t i = 0; out.size() < bytes; ++i) out += (i == 0 ? "" : ",") + element(i);
  return out + "]";
}

std::string nested(std::size_t depth, const std::string& before, const std::string& inside, const std::string& after) {
  std::string out;
  for (std::size_t i = 0; i < depth; ++i) out += before;
  out += inside;
  for (std::size_t i = 0; i < depth; ++i) out += after;
  return out;
}

std::string object(std::size_t members, const std::function<std::string(std::size_t)>& key,
                   const std::function<std::string(std::size_t)>& value) {
  std::string out = "{";
  for (std::size_t i = 0; i < members; ++i) out += (i == 0 ? "\"" : ",\"") + key(i) + "\":" + value(i);
  return out + "}";
}

std::string number(std::uint64_t value) { return std::to_string(value); }

/// 64 members each, in an order of their own, most with other values.
std::string shuffled_objects(Random& random, const std::string& prefix) {
  return array([&](std::size_t) {
    const std::size_t objects = 64;
    return array(
        [&](std::size_t) {
          std::vector<std::size_t> order(64);
          for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
          std::shuffle(order.begin(), order.end(), random);
          return object(
              64, [&](std::size_t i) { return prefix + number(order[i]); },
              [&](std::size_t i) { return order[i] < 24 ? "7" : number(random() % 1000); });
        },
        objects * 64 * (prefix.size() + 8));
  });
}

std::string same_names(Random& random) {
  return object(
      kBytes / 8, [](std::size_t) { return "a"; }, [&](std::size_t) { return number(random() % 1000); });
}

using Maker = std::function<std::pair<std::string, std::string>(Random&)>;

/// Both sides made alike, by chance.
Maker twice(std::function<std::string(Random&)> make) {
  return [make = std::move(make)](Random& random) {
    std::string old_json = make(random);
    return std::pair(std::move(old_json), make(random));
  };
}

std::map<std::string, Maker> arrays() {
  return {
      {"0...01...1 against 1...10...0",
       [](Random&) {
         const auto half = [](std::size_t i) { return i < kBytes / 4 ? "0" : "1"; };
         const auto other = [](std::size_t i) { return i < kBytes / 4 ? "1" : "0"; };
         return std::pair(array(half), array(other));
       }},
      {"random bits", twice([](Random& random) { return array([&](std::size_t) { return number(random() % 2); }); })},
      {"16 values", twice([](Random& random) { return array([&](std::size_t) { return number(random() % 16); }); })},
      {"distinct numbers",
       twice([](Random& random) { return array([&](std::size_t) { return number(random() % 10'000'000); }); })},
      {"arrays of 256 bits", twice([](Random& random) {
         return array([&](std::size_t) { return array([&](std::size_t) { return number(random() % 2); }, 512); });
       })},
      {"arrays of 256 numbers", twice([](Random& random) {
         return array([&](std::size_t) { return array([&](std::size_t) { return number(random() % 100000); }, 1500); });
       })},
      {"pairs of numbers", twice([](Random& random) {
         return array([&](std::size_t) { return "[" + number(random() % 1000) + "," + number(random() % 1000) + "]"; });
       })},
      {"nested pairs", twice([](Random& random) {
         std::function<std::string(int)> tree = [&](int depth) -> std::string {
           return depth == 0 ? number(random() % 10) : "[" + tree(depth - 1) + "," + tree(depth - 1) + "]";
         };
         return tree(18);
       })},
      {"200 numbers among strings", twice([](Random& random) {
         return array([&](std::size_t i) {
           return i % 1000 == 0 ? number(random() % 100) : "\"" + number(random() % 10000) + "\"";
         });
       })},
      {"objects with ids", twice([](Random& random) {
         return array([&](std::size_t i) {
           return "{\"id\":" + number(i * 7919 % 20011) + ",\"a\":" + number(random() % 1000) + ",\"x\":[1,2]}";
         });
       })},
      {"strings of equal length", twice([](Random& random) {
         return array([&](std::size_t) { return "\"" + std::string(1000, 'a') + number(100 + random() % 900) + "\""; });
       })},
      {"x...x", twice([](Random& random) {
         return array([&](std::size_t) { return "\"" + std::string(900 + random() % 100, 'x') + "\""; });
       })},
      {"embedded arrays", twice([](Random& random) {
         return array([&](std::size_t) { return "\"[" + number(random() % 100) + ",[[1]]]\""; });
       })},
  };
}

std::map<std::string, Maker> others() {
  return {
      {"objects of 64 members", twice([](Random& random) { return shuffled_objects(random, "m"); })},
      {"objects of 64 long names",
       twice([](Random& random) { return shuffled_objects(random, std::string(200, 'n')); })},
      {"objects of 64 escaped names", twice([](Random& random) {
         std::string prefix;
         for (int i = 0; i < 40; ++i) prefix += "\\u006e";
         return shuffled_objects(random, prefix);
       })},
      {"objects of 60 flags", twice([](Random& random) {
         return array([&](std::size_t) {
           return object(
               61, [](std::size_t i) { return i == 60 ? "x" : "m" + number(i); },
               [&](std::size_t) { return number(random() % 2); });
         });
       })},
      {"125,000 members of one name", twice(same_names)},
      {"members k0 to k60000", twice([](Random& random) {
         const std::size_t first = random() % 60'013;
         return object(
             60'000, [&](std::size_t i) { return "k" + number((first + i * 7919) % 60'013); },
             [&](std::size_t) { return number(random() % 10000); });
       })},
      {"an element of 60,000 members", twice([](Random& random) {
         const std::size_t members = kBytes / 16;
         return "[{\"id\":0}," +
                object(
                    members, [&](std::size_t i) { return i + 1 == members ? "id" : "k" + number(i); },
                    [&](std::size_t i) { return i + 1 == members ? "1" : number(random() % 10000); }) +
                "]";
       })},
      {"numbers of 100,000 digits", twice([](Random& random) {
         return array([&](std::size_t) {
           return "1" + std::string(50'000, '2') + "." + std::string(50'000, '3') + number(1 + random() % 9);
         });
       })},
      {"1e0 to 1e999999",
       twice([](Random& random) { return array([&](std::size_t) { return "1e" + number(random() % 1'000'000); }); })},
      {"exponents of 1,000 digits", twice([](Random& random) {
         return array([&](std::size_t) { return "1e" + std::string(1000, '9') + number(random() % 10); });
       })},
      {"nested 900, a leaf differs",
       [](Random&) { return std::pair(nested(900, "[", "1", "]"), nested(900, "[", "2", "]")); }},
      {"nested 900 with long names", twice([](Random& random) {
         return nested(900, "{\"" + std::string(500, 'n') + "\":",
                       array([&](std::size_t) { return number(random()); }, kBytes / 3), "}");
       })},
      {"nested 900, branching", twice([](Random& random) {
         std::string inside = "0";
         for (int i = 0; i < 900; ++i) {
           inside = "[" + number(random() % 3) + "," + inside + "," + number(random() % 3) +
                    array([&](std::size_t) { return number(random() % 3); }, 500).insert(0, ",") + "]";
         }
         return inside;
       })},
      {"nested 900, the first element heavy", twice([](Random& random) {
         std::string inside = array([&](std::size_t) { return number(random() % 1000); }, kBytes / 2);
         return nested(900, "[", inside, "," + number(random() % 100) + "]");
       })},
      {"nested 900, the last element heavy", twice([](Random& random) {
         std::string inside = array([&](std::size_t) { return number(random() % 1000); }, kBytes / 2);
         return nested(900, "[" + number(random() % 100) + ",", inside, "]");
       })},
      {"not JSON", twice([](Random& random) {
         return array([&](std::size_t) { return number(random()); }) + std::string(kBytes / 2, '1');
       })},
      {"1 MB of [", [](Random&) { return std::pair(std::string(kBytes, '['), std::string(kBytes, '[') + "1"); }},
  };
}

/// A case is known by its name, and made in the process that measures it.
using Cases = std::map<std::string, std::function<Pair()>>;

void add_made(const std::map<std::string, Maker>& makers, Cases& cases) {
  for (const auto& [name, maker] : makers) {
    for (const auto& [rules_name, rules] : rule_lists()) {
      cases[name + " | " + rules_name] = [maker = maker, rules = rules] {
        Random random(1);
        auto [old_json, new_json] = maker(random);
        return Pair{std::move(old_json), std::move(new_json), rules, {}};
      };
    }
  }
}

void add_deep(Cases& cases) {
  for (const std::size_t depth : {900, 5000}) {
    cases["only brackets, nested " + number(depth)] = [depth] {
      Pair pair{nested(depth, "[", "1", "]"), nested(depth, "[", "2", "]"), {}, {}};
      pair.limits.max_depth = depth;
      return pair;
    };
    cases["only members, nested " + number(depth)] = [depth] {
      Pair pair{nested(depth, "{\"a\":", "1", "}"), nested(depth, "{\"a\": ", "2", "}"), {}, {}};
      pair.limits.max_depth = depth;
      return pair;
    };
  }
}

std::string load(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void add_files(const std::filesystem::path& directory, Cases& cases) {
  constexpr std::string_view kEnding = ".left.json";
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    const std::string left = entry.path().string();
    if (!left.ends_with(kEnding)) continue;
    const std::string base = left.substr(0, left.size() - kEnding.size());
    cases[std::filesystem::path(base).filename().string()] = [left, base] {
      return Pair{load(left), load(base + ".right.json"), {}, {}};
    };
  }
}

double seconds_used() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// The most memory this process has had so far, in MB.
double peak_megabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) * 1024 / 1e6;
}

/// Measures the first comparison of this process; false where it costs too much.
bool measure(const std::string& name, const Pair& pair) {
  const auto rules = diffing::RuleSet::compile(pair.rules);
  if (!std::holds_alternative<diffing::RuleSet>(rules)) return false;
  const double before_megabytes = peak_megabytes();
  const double before = seconds_used();
  const diffing::Comparison result =
      diffing::diff(pair.old_json, pair.new_json, std::get<diffing::RuleSet>(rules), pair.limits);
  const double seconds = seconds_used() - before;
  const double megabytes = peak_megabytes() - before_megabytes;
  const double input = static_cast<double>(pair.old_json.size() + pair.new_json.size()) / 1e6;
  const bool bounded = seconds <= std::max(0.5, 0.25 * input) && megabytes <= 40 * input + 64;
  std::printf("%-58s %8.2f %8.1f %8.1f %8llu%s%s\n", name.c_str(), input, seconds * 1e3, megabytes,
              static_cast<unsigned long long>(result.total()), result.approximate ? " approximate" : "",
              bounded ? "" : "   TOO MUCH");
  std::fflush(stdout);
  return bounded;
}

bool measure_apart(const std::string& name, const std::function<Pair()>& make) {
  std::fflush(stdout);
  const pid_t child = fork();
  if (child == 0) _exit(measure(name, make()) ? 0 : 1);
  int status = 0;
  return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::string directory;
  std::string only;
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]) == "--only" && i + 1 < argc) {
      only = argv[++i];
    } else {
      directory = argv[i];
    }
  }
  Cases cases;
  if (!directory.empty()) {
    add_files(directory, cases);
  } else {
    add_made(arrays(), cases);
    add_made(others(), cases);
    add_deep(cases);
  }
  std::printf("%-58s %8s %8s %8s %8s\n", "pair", "input MB", "ms", "peak MB", "found");
  bool bounded = true;
  for (const auto& [name, make] : cases) {
    if (name.find(only) == std::string::npos) continue;
    bounded = measure_apart(name, make) && bounded;
  }
  return bounded ? 0 : 1;
}
