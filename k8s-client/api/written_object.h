#pragma once

#include <string>
#include <string_view>

namespace ffdl::k8s {

// What the answer to a write says about the object that is now stored.
struct WrittenObject {
  std::string uid;
  std::string resource_version;
};

// Reads no further than both are known, which in the API server's order of keys is a few hundred
// bytes, whatever follows. The answer to a delete may be a Status, whose details name the uid. What
// is not there stays empty: the write was done all the same.
[[nodiscard]] WrittenObject ReadWrittenObject(std::string_view answer);

}  // namespace ffdl::k8s
