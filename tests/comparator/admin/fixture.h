#pragma once

#include <httplib.h>

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "comparator/admin/live.h"
#include "comparator/admin/server.h"
#include "storage/store.h"

/// A real server over a real store, with a scripted program around it and a clock that stands still.
namespace admin_test {

inline constexpr std::int64_t kNowUs = 1'760'000'000'000'000;  // 2025-10-09T08:53:20Z
inline constexpr std::int64_t kNowMinute = kNowUs / 60'000'000;

/// Removed with all it holds.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

/// Says what the test wrote; not to be changed while a request is answered.
struct FakeLive : comparator::admin::Live {
  std::vector<comparator::admin::MetricFamily> families;
  storage::WriterHealth health;
  bool is_ready = true;

  std::vector<comparator::admin::MetricFamily> metrics() const override { return families; }
  storage::WriterHealth writer_health() const override { return health; }
  bool ready() const override { return is_ready; }
};

/// Old and new at addresses of their own, two routes, admin on 127.0.0.1 port 0, store `path`.
comparator::Config config_with_store(const std::string& path);

/// A mismatch on route `get-invoice`, one member of another type; recorded `index` seconds before kNowUs.
storage::Report report_of(const comparator::Config& config, int index = 0);

/// `count` requests of `route` that ended in `outcome`, `minutes_ago`.
void add_tally(storage::Batch& batch, const comparator::Config& config, const std::string& route,
               storage::Outcome outcome, std::uint64_t count, std::int64_t minutes_ago = 0);

class Fixture {
 public:
  Fixture() : config(config_with_store(directory.file("twinrun.db"))) {}

  TemporaryDirectory directory;
  comparator::Config config;
  FakeLive live;

  storage::Store& store();  ///< Created when first asked for.
  void write(const storage::Batch& batch) { store().write(batch); }
  void write(std::vector<storage::Report> reports);

  std::uint16_t port();  ///< Starts the server when first asked for; configure before.
  /// Fails the test when there is no answer.
  httplib::Response get(const std::string& target, const httplib::Headers& headers = {});
  nlohmann::json get_json(const std::string& target);  ///< Fails the test unless it is 200.

 private:
  std::unique_ptr<storage::Store> store_;
  std::unique_ptr<comparator::admin::Server> server_;
};

}  // namespace admin_test
