#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "operator/object_store/list_page.h"
#include "operator/object_store/options.h"
#include "operator/object_store/result.h"

namespace ffdl::object_store {

struct Listing {
  std::vector<Object> objects;
  bool more = false;  // there are more than were asked for
};

// One object to bring.
struct Download {
  std::string key;
  std::string etag;                  // of the listing; "" takes the object as it is now
  std::optional<std::int64_t> size;  // of the listing
  std::int64_t bytes_max = INT64_MAX;
  std::string part;  // the file it is written to first
  std::string to;    // the file that `part` becomes, once it is whole; their folders must exist
};

// How far the downloads of one call are.
struct Progress {
  std::int64_t bytes = 0;  // that have come
  std::int64_t total = 0;  // as far as it is known yet
};

// Reads a bucket of an S3 object store. Blocks; for one thread.
class Client {
 public:
  explicit Client(const Options& options);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // The objects whose keys begin with `prefix`, in the order of the store, and no more than so
  // many.
  [[nodiscard]] Result<Listing> List(const std::string& prefix, std::size_t objects_max);

  // All of them, or an error; then some may be there. `progress` is told about each second how
  // far they are.
  [[nodiscard]] Result<void> Get(const std::vector<Download>& downloads,
                                 const std::function<void(const Progress&)>& progress);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace ffdl::object_store
