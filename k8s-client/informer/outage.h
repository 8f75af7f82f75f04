#pragma once

#include <chrono>
#include <functional>
#include <utility>
#include <vector>

#include "k8s-client/runtime/backoff.h"

namespace ffdl::k8s {

// What the reflectors of one server share while it cannot be reached: the first that meets no
// answer keeps asking, about once a second; the others wait for its word, so that a server that is
// down is asked no more often for ten types than for one. When it answers one of them, all try at
// once.
//
// All on the loop of the reflectors' transport. Must outlive its members.
class Outage {
 public:
  class Member {
   public:
    virtual void TryNow() = 0;  // what waited for the server

   protected:
    ~Member() = default;
  };

  Outage() = default;
  ~Outage() = default;
  Outage(const Outage&) = delete;
  Outage& operator=(const Outage&) = delete;

  // Called whenever an outage is over, after the members. Before the first Join.
  void OnOver(std::function<void()> over) { over_ = std::move(over); }

  void Join(Member& member);
  void Leave(Member& member);

  // A member met no answer; the first to say so keeps asking. How long this one waits before it
  // asks again: never for ever, since the one that keeps asking may have troubles of its own.
  [[nodiscard]] const BackoffOptions& MetNoAnswer(const Member& member);
  // The server answered a member that had met no answer.
  void End();

 private:
  std::vector<Member*> members_;
  const Member* asking_ = nullptr;
  std::function<void()> over_;
};

}  // namespace ffdl::k8s
