#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "test/e2e/harness/json.h"

namespace ffdl::e2e {

// A request that the API server answered, or has begun to.
struct Request {
  std::string verb;  // create, update, patch, delete, deletecollection, get, list, watch
  std::string user;
  std::string credential;  // which token of that user; "" for certificates
  std::string resource;    // plural
  std::string subresource;
  std::string ns;
  std::string name;
  int code = 0;
  std::string uri;       // path and query
  std::string received;  // both RFC 3339 with microseconds: they sort as text
  std::string at;        // when the answer had been sent; of a watch that goes on: its head

  [[nodiscard]] bool Writes() const;
  [[nodiscard]] bool Succeeded() const { return code >= 200 && code < 300; }
};

// The user that the operator's Deployment is for the API server.
inline constexpr std::string_view kOperatorUser = "system:serviceaccount:ffdl-system:ffdl-operator";

// The requests for objects in a namespace since the cluster came up, in the order of their answers.
[[nodiscard]] std::vector<Request> RequestsIn(std::string_view ns);

// Those of them that succeeded in writing, by `user`.
[[nodiscard]] std::vector<Request> WritesIn(std::string_view ns, std::string_view user);

// All requests with this credential since the cluster came up, in the order in which they came;
// watches that go on, too.
[[nodiscard]] std::vector<Request> RequestsBy(std::string_view credential);

// The moment of one of the times above.
[[nodiscard]] std::chrono::system_clock::time_point MomentOf(const std::string& time);

// One line each, for failed tests.
[[nodiscard]] std::string Describe(const std::vector<Request>& requests);

}  // namespace ffdl::e2e
