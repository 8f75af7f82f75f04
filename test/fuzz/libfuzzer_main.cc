// One program for all targets: ffdl_fuzz --target=pod [libFuzzer's own flags] CORPUS
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "test/fuzz/targets.h"

namespace {

const ffdl::fuzz::Target* chosen = nullptr;

}  // namespace

extern "C" int LLVMFuzzerInitialize(const int* argc, char*** argv) {
  constexpr std::string_view kFlag = "--target=";
  for (int i = 1; i < *argc; ++i) {
    const std::string_view argument = (*argv)[i];
    if (!argument.starts_with(kFlag)) continue;
    const auto& targets = ffdl::fuzz::Targets();
    const auto it =
        std::ranges::find(targets, argument.substr(kFlag.size()), &ffdl::fuzz::Target::name);
    if (it != targets.end()) chosen = &*it;
  }
  if (chosen != nullptr) return 0;
  std::fputs("--target= must be one of:", stderr);
  for (const auto& target : ffdl::fuzz::Targets()) std::fprintf(stderr, " %s", target.name.c_str());
  std::fputs("\n", stderr);
  std::exit(2);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  chosen->run({reinterpret_cast<const char*>(data), size});
  return 0;
}
