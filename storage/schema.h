#pragma once

#include <cstdint>
#include <string>

#include "storage/database.h"

/// What a file of ours looks like, and how it came to look so.
namespace storage {

constexpr std::int64_t kApplicationId = 0x74776e72;  ///< "twnr", in the file's header (PRAGMA application_id).

std::int64_t schema_version();  ///< The one that this program writes: the number of migrations.

/// Opens for writing: creates the file (readable by its owner alone) or brings it to schema_version(). A file of
/// another program or of a newer version is refused before a byte of it changes. Throws StoreError.
Database open_for_writing(const std::string& path);

/// Opens an existing file of exactly schema_version(); changes nothing. Throws StoreError.
Database open_for_reading(const std::string& path);

}  // namespace storage
