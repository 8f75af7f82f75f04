// For the other files of this folder only.
#pragma once

#include <curl/curl.h>

#include <functional>
#include <memory>
#include <utility>

#include "k8s-client/net/curl_multi.h"
#include "k8s-client/net/easy_pool.h"

namespace ffdl::k8s {

// One generation of connections of a group: while it is the current one requests go to it;
// afterwards it ends with the last of its transfers. All on the loop's thread.
class Connections {
 public:
  Connections(EpollLoop& loop, std::shared_ptr<EasyPool> pool, long connections_max,
              CurlMulti::Callbacks callbacks)
      : pool_(std::move(pool)), multi_(loop, connections_max, std::move(callbacks)) {}

  [[nodiscard]] EasyPool& pool() { return *pool_; }
  [[nodiscard]] const std::shared_ptr<EasyPool>& shared_pool() const { return pool_; }
  [[nodiscard]] CurlMulti& multi() { return multi_; }

 private:
  const std::shared_ptr<EasyPool> pool_;  // first: handles outlive the multi handle they were in
  CurlMulti multi_;
};

}  // namespace ffdl::k8s
