#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Values as bytes in a BLOB. Headers and differences may hold any byte, so JSON cannot carry them. Reading checks
/// every length; bytes that the writing side does not make give StoreError.
namespace storage {

/// LEB128: seven bits a byte, the lowest first.
void append_number(std::string& bytes, std::uint64_t number);
/// Takes a number off the front; nullopt when there is none or it does not fit.
std::optional<std::uint64_t> take_number(std::string_view& bytes);

/// Texts one after another, each behind its length.
std::string pack(const std::vector<std::string_view>& texts);
std::vector<std::string> unpack(std::string_view bytes);

/// A byte that says how, then the bytes: as they are, or behind their length and deflated where that is shorter.
std::string compress(std::string_view bytes);
std::string decompress(std::string_view bytes);

}  // namespace storage
