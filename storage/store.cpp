#include "storage/store.h"

#include "storage/finding_rows.h"
#include "storage/retention.h"
#include "storage/schema.h"
#include "storage/tally_rows.h"

namespace storage {

struct Store::Rows {
  Rows(const std::string& path, Retention retention)
      : database(open_for_writing(path)),
        tallies(database),
        findings(database, retention.reports_per_finding),
        sweeper(database, retention) {}

  Database database;
  TallyRows tallies;
  FindingRows findings;
  Sweeper sweeper;
};

Store::Store(const std::string& path, Retention retention) : rows_(std::make_unique<Rows>(path, retention)) {}

Store::~Store() = default;

void Store::write(const Batch& batch) {
  Transaction transaction(rows_->database);
  for (const auto& [key, tally] : batch.tallies) rows_->tallies.add(key, tally);
  rows_->findings.add(batch.evidence);
  transaction.commit();
}

bool Store::tidy(std::int64_t now_us) { return rows_->sweeper.step(now_us); }

}  // namespace storage
