#pragma once

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <utility>

namespace ffdl::k8s {

// Runs one asynchronous call and waits for its callback: for command lines and tests, never for
// code on an event loop, which would wait for itself. Empty when `timeout` passes first; the call
// then goes on and its result is dropped.
//
//   const auto got = WaitFor<Result<std::string>>(
//       10s, [&](auto done) { client.Get(kPodType, key, std::move(done)); });
template <typename T, typename Start>
[[nodiscard]] std::optional<T> WaitFor(std::chrono::milliseconds timeout, Start&& start) {
  const auto promise = std::make_shared<std::promise<T>>();  // outlives a wait that was given up
  std::future<T> result = promise->get_future();
  std::forward<Start>(start)(
      std::function<void(T)>([promise](T value) { promise->set_value(std::move(value)); }));
  if (result.wait_for(timeout) != std::future_status::ready) return std::nullopt;
  return result.get();
}

}  // namespace ffdl::k8s
