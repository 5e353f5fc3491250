#pragma once

// Maps in a failed comparison are to be read.
#define CATCH_CONFIG_ENABLE_PAIR_STRINGMAKER

// The one place that knows which Catch2 this is: 2.13 (Debian 12) and 3 both work.
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
using Catch::Approx;
#else
#include <catch2/catch.hpp>
#endif
