#include "comparator/cli/command_line.h"
#include "comparator/service.h"

int main(int argc, char** argv) { return comparator::cli::run(argc, argv, comparator::serve); }
