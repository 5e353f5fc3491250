#include "comparator/cli/input.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <memory>
#include <set>

#include "comparator/cli/terminal.h"

namespace comparator::cli {
namespace {

Input read_stream(std::FILE* stream, const std::string& name) {
  Input input;
  char buffer[1 << 16];
  for (std::size_t count = 1; count > 0;) {
    count = std::fread(buffer, 1, sizeof buffer, stream);
    input.bytes.append(buffer, count);
  }
  if (std::ferror(stream) != 0) input.problem = fmt::format("cannot read {}: {}", name, std::strerror(errno));
  return input;
}

void tell(const std::string& file, const Problem& problem, std::string_view prefix) {
  std::string place = printable(file);
  if (problem.line > 0) place += fmt::format(":{}", problem.line);
  if (problem.column > 0) place += fmt::format(":{}", problem.column);
  fmt::print(stderr, "{}: {}{}\n", place, prefix, problem.message);
}

}  // namespace

Input read_input(const std::string& file) {
  if (file == "-") return read_stream(stdin, "the standard input");
  struct Close {
    void operator()(std::FILE* stream) const { std::fclose(stream); }
  };
  const std::unique_ptr<std::FILE, Close> stream(std::fopen(file.c_str(), "rb"));
  if (!stream) return {{}, fmt::format("cannot read {}: {}", printable(file), std::strerror(errno))};
  return read_stream(stream.get(), printable(file));
}

std::string today() { return fmt::format("{:%Y-%m-%d}", fmt::gmtime(std::time(nullptr))); }

void tell_problems(const std::string& file, const std::vector<Problem>& problems) {
  for (const Problem& problem : problems) {
    // Without a place it is about the command line, and names the flag.
    tell(problem.line == 0 && problem.message.starts_with("--") ? "twinrun" : file, problem, "");
  }
}

std::vector<Problem> warnings(const std::vector<RouteRule>& rules) {
  std::vector<Problem> warnings;
  for (const RouteRule& rule : rules) {
    if (!rule.expired) continue;
    warnings.push_back({rule.line, 0,
                        fmt::format("the rule `{}: {}` expired on {} and is not applied any more",
                                    diffing::name(rule.rule.verb), rule.rule.path, rule.expires)});
  }
  return warnings;
}

std::vector<Problem> warnings(const Config& config) {
  std::vector<Problem> all;
  if (config.old_side.endpoint == config.new_side.endpoint) {
    all.push_back({0, 0, fmt::format("old and new are the same service, {}", config.old_side.url)});
  }
  std::set<std::pair<int, std::string>> told;  // every route holds the global rules
  for (const RouteConfig& route : config.routes) {
    for (auto& warning : warnings(route.rules)) {
      if (told.emplace(warning.line, warning.message).second) all.push_back(std::move(warning));
    }
    const bool copies = route.stage == Stage::shadow || route.stage == Stage::reverse;
    if (copies && route.sample == 0) {
      all.push_back({0, 0, fmt::format("the route `{}` copies nothing: its sample is 0", route.name)});
    }
  }
  return all;
}

void tell_warnings(const std::string& file, const std::vector<Problem>& warnings) {
  for (const Problem& warning : warnings) tell(file, warning, "warning: ");
}

std::optional<Config> load_config(const std::string& file, const Overrides& overrides) {
  const Input input = read_input(file);
  if (!input.problem.empty()) {
    fmt::print(stderr, "twinrun: {}\n", input.problem);
    return std::nullopt;
  }
  auto parsed = parse_config(input.bytes, today(), overrides);
  if (auto* config = std::get_if<Config>(&parsed)) return std::move(*config);
  tell_problems(file, std::get<std::vector<Problem>>(parsed));
  return std::nullopt;
}

}  // namespace comparator::cli
