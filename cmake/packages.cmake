# Where each third-party library comes from. What it is for: docs/dependencies.md.
# All are packages of the distribution; ./dev installs them.
find_package(PkgConfig REQUIRED)

find_package(nlohmann_json 3.11 REQUIRED)
find_package(fmt 9 REQUIRED)
find_package(spdlog REQUIRED)
find_package(CLI11 2 REQUIRED)
find_package(yaml-cpp 0.7 REQUIRED)
find_package(simdjson REQUIRED)
find_package(SQLite3 3.40 REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(prometheus-cpp CONFIG REQUIRED COMPONENTS core)
pkg_check_modules(httplib REQUIRED IMPORTED_TARGET cpp-httplib)
pkg_check_modules(re2 REQUIRED IMPORTED_TARGET re2)
pkg_check_modules(cares REQUIRED IMPORTED_TARGET libcares)

# yaml-cpp before 0.8 has no namespaced target.
if(NOT TARGET yaml-cpp::yaml-cpp)
  add_library(yaml-cpp::yaml-cpp ALIAS yaml-cpp)
endif()
