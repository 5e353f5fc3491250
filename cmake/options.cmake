# Warnings and sanitizers travel with this target, so that third-party headers stay quiet.
add_library(twinrun_options INTERFACE)
target_include_directories(twinrun_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(twinrun_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor -Woverloaded-virtual)
if(TWINRUN_WERROR)
  target_compile_options(twinrun_options INTERFACE -Werror)
endif()

if(TWINRUN_SANITIZE)
  # Everything is instrumented, so these are global.
  add_compile_options(-fsanitize=${TWINRUN_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${TWINRUN_SANITIZE})
endif()

if(TWINRUN_FUZZ)
  # Without marks in the libraries libFuzzer would be blind; each fuzz target adds -fsanitize=fuzzer for itself.
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

find_package(Threads REQUIRED)
target_link_libraries(twinrun_options INTERFACE Threads::Threads)
