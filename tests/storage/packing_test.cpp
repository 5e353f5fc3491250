#include "storage/packing.h"

#include <random>

#include "storage/error.h"
#include "tests/support/catch.h"

using namespace storage;

TEST_CASE("texts of any bytes come back as they were packed") {
  const std::string binary("\0\xff\x80 \n", 5);
  const std::string large(70'000, 'x');

  CHECK(unpack(pack({})).empty());
  CHECK(unpack(pack({""})) == std::vector<std::string>{""});
  CHECK(unpack(pack({"name", binary, "", large})) == std::vector<std::string>{"name", binary, "", large});
}

TEST_CASE("bodies come back as they were compressed, and repetitive ones take less room") {
  std::string noise(5000, '\0');
  std::mt19937 random(7);
  for (char& byte : noise) byte = static_cast<char>(random());
  const auto body = GENERATE_COPY(
      values<std::string>({"", "a", std::string(63, 'a'), std::string(64, 'a'), std::string(100'000, '\0'), noise}));

  const std::string packed = compress(body);

  CHECK(decompress(packed) == body);
  CHECK(packed.size() <= body.size() + 1);
  if (body.size() == 100'000) CHECK(packed.size() < 1000);
}

TEST_CASE("a body cut or bent at any place is refused or read, and asks for no more memory than it can fill") {
  const std::string packed = compress(std::string(5000, 'a') + "b" + std::string(5000, 'c'));
  std::mt19937 random(3);
  for (std::size_t length = 0; length < packed.size(); ++length) {
    CHECK_THROWS_AS(decompress(std::string_view(packed).substr(0, length)), StoreError);
  }
  for (int round = 0; round < 20'000; ++round) {
    std::string bent = packed;
    bent[random() % bent.size()] = static_cast<char>(random());
    try {
      decompress(bent);
    } catch (const StoreError&) {
    }
  }
  CHECK_THROWS_AS(decompress(std::string("\x01\xff\xff\xff\xff\x03xyz", 9)), StoreError);
}

TEST_CASE("packed texts that promise more than there is are refused") {
  CHECK_THROWS_AS(unpack("\x05"
                         "abc"),
                  StoreError);
  CHECK_THROWS_AS(unpack(std::string(11, '\xff')), StoreError);
}
