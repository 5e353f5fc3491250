#include "comparator/cli/command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <exception>
#include <string>
#include <vector>

#include "comparator/cli/check_command.h"
#include "comparator/cli/diff_command.h"
#include "comparator/cli/exit_code.h"
#include "comparator/cli/findings_command.h"
#include "comparator/cli/gate_command.h"
#include "comparator/cli/reports_command.h"
#include "comparator/cli/serve_command.h"
#include "comparator/config/characters.h"
#include "comparator/config/suggest.h"

namespace comparator::cli {
namespace {

constexpr const char* kFooter = R"(Examples:
  twinrun serve --old http://127.0.0.1:3001 --new http://127.0.0.1:3002
  twinrun check twinrun.yaml
  twinrun findings --state open

Exit codes: 0 success, 1 failure, 2 usage or configuration, 5 no twinrun answers; `gate` and `diff` have verdicts of
their own. `twinrun COMMAND --help` says more about each command.)";

constexpr const char* kServeFooter =
    R"(Clients connect to --listen and are answered by the old service. Safe requests are copied to the new one and both
answers are compared. It stops on SIGTERM or SIGINT, after the requests in flight.

Examples:
  twinrun serve --old http://127.0.0.1:3001 --new http://127.0.0.1:3002
  twinrun serve --config twinrun.yaml
  twinrun serve --config twinrun.yaml --new http://127.0.0.1:3003 --store /tmp/trial.db

Exit codes: 0 stopped as told, 1 could not start, 2 wrong arguments or configuration.)";

constexpr const char* kCheckFooter =
    R"(Opens no socket and looks up no names. Warnings, such as expired rules, change nothing about the exit code.

Examples:
  twinrun check twinrun.yaml
  envsubst < template.yaml | twinrun check -

Exit codes: 0 it can be served, 2 it cannot: every problem is told as FILE:LINE:COLUMN: message.)";

constexpr const char* kDiffFooter =
    R"(Numbers are compared by decimal value (1 equals 1.0), the order of members never counts. The rules are the YAML list
that a route has, with paths relative to the documents.

Formats: `text` a few lines for each difference; `unified` both documents as one, a value a line, around each change;
`json` all there is to know, for programs; `patch` the operations (RFC 6902) that turn OLD into NEW, but for what the
rules let pass.

Examples:
  twinrun diff old.json new.json
  twinrun diff old.json new.json --rules rules.yaml --format json
  twinrun diff old.json new.json --format patch > changes.json
  curl -s http://127.0.0.1:3002/invoices/1 | twinrun diff saved.json - --format unified

Exit codes: 0 equal, 1 different, 2 cannot tell (unreadable, not JSON, wrong rules or usage; with `--format patch` also
members of one name, which no patch can tell apart).)";

constexpr const char* kGateFooter = R"(Examples:
  twinrun gate
  twinrun gate --route get-invoice --json
  twinrun gate --admin http://10.0.0.9:9400 --token-file /run/secrets/twinrun && ./deploy

Exit codes: 0 pass, 3 fail, 4 hold, 5 no twinrun answers, 2 wrong arguments, 1 anything else.)";

constexpr const char* kFindingsFooter = R"(Examples:
  twinrun findings
  twinrun findings --route get-invoice --state open
  twinrun findings 12
  twinrun findings --json | jq '.items[].signature'

Exit codes: 0 success, 2 wrong arguments or no such finding, 5 no twinrun answers.)";

constexpr const char* kReportsFooter = R"(Examples:
  twinrun reports --finding 12
  twinrun reports 345
  twinrun reports 345 --json | jq -r .curl.new | sh

Exit codes: 0 success, 2 wrong arguments or no such report, 5 no twinrun answers.)";

/// What the options of all commands are read into; a command sees only its own.
struct Arguments {
  ServeArguments serve;
  CheckArguments check;
  DiffArguments diff;
  GateArguments gate;
  FindingsArguments findings;
  ReportsArguments reports;
};

CLI::App* add_command(CLI::App& app, const char* name, const char* purpose, const char* footer) {
  CLI::App* command = app.add_subcommand(name, purpose);
  command->footer(footer);
  return command;
}

CLI::App* add_serve(CLI::App& app, ServeArguments& arguments) {
  CLI::App* command = add_command(app, "serve", "Stand in front of the old service and compare", kServeFooter);
  Overrides& overrides = arguments.overrides;
  command->add_option("--config", arguments.config_file, "The configuration; the other options go before it")
      ->type_name("FILE");
  command->add_option("--old", overrides.old_url, "The service that answers clients")->type_name("URL");
  command->add_option("--new", overrides.new_url, "The service that is compared with it")->type_name("URL");
  command->add_option("--listen", overrides.listen, "Where clients connect [127.0.0.1:8080]")->type_name("HOST:PORT");
  command->add_option("--admin", overrides.admin, "Where the API and dashboard are [127.0.0.1:9400]")
      ->type_name("HOST:PORT");
  command->add_option("--store", overrides.store, "Where evidence is kept [twinrun.db]")->type_name("FILE");
  return command;
}

CLI::App* add_check(CLI::App& app, CheckArguments& arguments) {
  CLI::App* command =
      add_command(app, "check", "Say what a configuration serves, or what is wrong with it", kCheckFooter);
  command->add_option("FILE", arguments.file, "The configuration, or - for the standard input")
      ->required()
      ->type_name("");
  return command;
}

/// Of a name that was checked.
DiffFormat diff_format_named(const std::string& name) {
  if (name == "unified") return DiffFormat::unified;
  if (name == "json") return DiffFormat::json;
  return name == "patch" ? DiffFormat::patch : DiffFormat::text;
}

CLI::App* add_diff(CLI::App& app, DiffArguments& arguments) {
  CLI::App* command = add_command(app, "diff", "Compare two JSON documents", kDiffFooter);
  command->add_option("OLD", arguments.old_file, "A file, or - for the standard input")->required()->type_name("");
  command->add_option("NEW", arguments.new_file, "A file, or - for the standard input")->required()->type_name("");
  command->add_option("--rules", arguments.rules_file, "Rules by which to compare")->type_name("FILE");
  command
      ->add_option_function<std::string>(
          "--format", [&arguments](const std::string& name) { arguments.format = diff_format_named(name); },
          "text, unified, json or patch [text]")
      ->check(CLI::IsMember({"text", "unified", "json", "patch"}))
      ->type_name("FORMAT");
  command->add_flag("--allow-bom", arguments.allow_byte_order_mark,
                    "Pass over a byte order mark at the beginning of a file");
  command
      ->add_option("--max", arguments.max_differences,
                   "How many differences to show; all are counted, and a patch holds all [1000]")
      ->check(CLI::Range(0, 1'000'000))
      ->type_name("N");
  return command;
}

void add_admin_options(CLI::App& command, std::string& url, std::string& token_file) {
  command.add_option("--admin", url, "The admin side of a running twinrun [http://127.0.0.1:9400]")->type_name("URL");
  command.add_option("--token-file", token_file, "A file that holds its token")->type_name("FILE");
}

void add_list_options(CLI::App& command, int& limit, std::string& route) {
  command.add_option("--route", route, "Only those of this route")->type_name("NAME");
  command.add_option("--limit", limit, "How many to list, up to 500 [50]")->check(CLI::Range(1, 500))->type_name("N");
}

CLI::App* add_gate(CLI::App& app, GateArguments& arguments) {
  CLI::App* command = add_command(app, "gate", "Ask whether the new service may take over", kGateFooter);
  add_admin_options(*command, arguments.admin_url, arguments.token_file);
  command->add_option("--route", arguments.route, "Only this route; without it every route must pass")
      ->type_name("NAME");
  command->add_flag("--json", arguments.json, "Print what the API says");
  return command;
}

CLI::App* add_findings(CLI::App& app, FindingsArguments& arguments) {
  CLI::App* command = add_command(app, "findings", "List what differs, or show one finding", kFindingsFooter);
  command->add_option("ID", arguments.id, "Show this finding and its reports")
      ->check(CLI::PositiveNumber)
      ->type_name("");
  add_list_options(*command, arguments.limit, arguments.route);
  command->add_option("--kind", arguments.kind, "Only this kind, such as missing or value")->type_name("KIND");
  command->add_option("--state", arguments.state, "Only this state: open, accepted, fixed or reopened")
      ->check(CLI::IsMember({"open", "accepted", "fixed", "reopened"}))
      ->type_name("STATE");
  command->add_flag("--json", arguments.json, "Print what the API says");
  add_admin_options(*command, arguments.admin.url, arguments.admin.token_file);
  return command;
}

CLI::App* add_reports(CLI::App& app, ReportsArguments& arguments) {
  CLI::App* command =
      add_command(app, "reports", "List kept exchanges, or show one with its differences", kReportsFooter);
  command->add_option("ID", arguments.id, "Show this report")->check(CLI::PositiveNumber)->type_name("");
  add_list_options(*command, arguments.limit, arguments.route);
  command->add_option("--finding", arguments.finding, "Only the evidence of this finding")
      ->check(CLI::PositiveNumber)
      ->type_name("ID");
  command->add_flag("--json", arguments.json, "Print what the API says");
  add_admin_options(*command, arguments.admin.url, arguments.admin.token_file);
  return command;
}

/// The library would only say that an argument was not expected.
bool tell_unknown_command(CLI::App& app, const std::string& word) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
  if (word.substr(0, 1) == "-" || std::find(names.begin(), names.end(), word) != names.end()) return false;
  const std::string_view meant = nearest(word, std::vector<std::string_view>(names.begin(), names.end()));
  fmt::print(stderr, "twinrun: there is no command {}{}; `twinrun --help` lists them\n", quote(word),
             meant.empty() ? "" : fmt::format(", did you mean `{}`?", meant));
  return true;
}

int parse_and_run(int argc, const char* const* argv, const Serve& serve) {
  CLI::App app("Runs an old and a new HTTP service side by side and says whether the new one may take over.",
               "twinrun");
  app.set_version_flag("--version", "twinrun " TWINRUN_VERSION);
  app.footer(kFooter);
  app.require_subcommand(0, 1);
  Arguments arguments;
  const CLI::App* serving = add_serve(app, arguments.serve);
  const CLI::App* checking = add_check(app, arguments.check);
  const CLI::App* diffing = add_diff(app, arguments.diff);
  const CLI::App* judging = add_gate(app, arguments.gate);
  const CLI::App* finding = add_findings(app, arguments.findings);
  const CLI::App* reporting = add_reports(app, arguments.reports);
  if (argc > 1 && tell_unknown_command(app, argv[1])) return kUsage;
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kSuccess : kUsage;  // help and version are no errors
  }
  if (serving->parsed()) return serve_command(arguments.serve, serve);
  if (checking->parsed()) return check_command(arguments.check);
  if (diffing->parsed()) return diff_command(arguments.diff);
  if (judging->parsed()) return gate_command(arguments.gate);
  if (finding->parsed()) return findings_command(arguments.findings);
  if (reporting->parsed()) return reports_command(arguments.reports);
  fmt::print(stderr, "{}", app.help());
  return kUsage;
}

}  // namespace

int run(int argc, const char* const* argv, const Serve& serve) {
  try {
    const int code = parse_and_run(argc, argv, serve);
    // What could not be written (a full disk behind a redirection) is no success.
    if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return code;
    fmt::print(stderr, "twinrun: cannot write to the standard output\n");
  } catch (const std::exception& error) {
    fmt::print(stderr, "twinrun: {}\n", error.what());
  }
  return kFailure;
}

}  // namespace comparator::cli
