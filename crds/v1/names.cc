#include "crds/v1/names.h"

#include <fmt/format.h>

#include <cstdint>

namespace ffdl::v1 {
namespace {

constexpr std::size_t kHashDigits = 8;

// FNV-1a, folded to 32 bits. It only has to tell long names apart and to stay the same for ever;
// nobody gains anything from a collision, because an object that is not the job's is never adopted.
// So no cryptography is needed.
std::uint32_t Hash(std::string_view text) {
  constexpr std::uint64_t kOffsetBasis = 0xcbf29ce484222325ULL;
  constexpr std::uint64_t kPrime = 0x00000100000001b3ULL;
  std::uint64_t hash = kOffsetBasis;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= kPrime;
  }
  return static_cast<std::uint32_t>(hash ^ (hash >> 32U));
}

std::string ChildName(std::string_view job, std::string_view suffix) {
  if (job.size() + suffix.size() <= kStatefulSetNameBytesMax)
    return fmt::format("{}{}", job, suffix);
  std::string_view kept = job.substr(0, kStatefulSetNameBytesMax - suffix.size() - kHashDigits - 1);
  while (!kept.empty() && kept.back() == '-') kept.remove_suffix(1);
  return fmt::format("{}-{:08x}{}", kept, Hash(job), suffix);
}

}  // namespace

k8s::Labels ChildLabels(std::string_view job) {
  return {{std::string(kManagedByLabel), std::string(kManagedBy)},
          {std::string(kJobLabel), std::string(job)}};
}

k8s::Labels RoleSelector(std::string_view job, std::string_view role) {
  return {{std::string(kJobLabel), std::string(job)}, {std::string(kRoleLabel), std::string(role)}};
}

std::string RoleSetName(std::string_view job, std::string_view role) {
  return ChildName(job, fmt::format("-{}", role));
}
std::string LearnersName(std::string_view job) { return ChildName(job, "-learner"); }
std::string GuardName(std::string_view job) { return LearnersName(job); }
std::string LearnerClaimName(std::string_view pod) {
  return fmt::format("{}-{}", kStorageVolume, pod);
}
std::string JobKeyName(std::string_view job, std::string_view uid) {
  return ChildName(job, fmt::format("-key-{:08x}", Hash(uid)));
}
std::string SharedClaimName(std::string_view job) { return ChildName(job, "-shared"); }

}  // namespace ffdl::v1
