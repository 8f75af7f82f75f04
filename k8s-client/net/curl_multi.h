// For the other files of this folder only.
#pragma once

#include <curl/curl.h>

#include <functional>

#include "k8s-client/net/epoll_loop.h"

namespace ffdl::k8s {

// A libcurl multi handle on an event loop: the connections that a group of transfers shares. All on
// the loop's thread.
class CurlMulti {
 public:
  // Neither is called from within libcurl.
  struct Callbacks {
    // The transfer is over and has left the multi handle.
    std::function<void(CURL* easy, CURLcode code)> finished;
    // libcurl has done what there was to do.
    std::function<void()> acted;
  };

  CurlMulti(EpollLoop& loop, long connections_max, Callbacks callbacks);
  // Closes the connections. Every transfer must have been removed before.
  ~CurlMulti();
  CurlMulti(const CurlMulti&) = delete;
  CurlMulti& operator=(const CurlMulti&) = delete;

  // Add, Remove and the destructor must not be called from callbacks of libcurl.
  void Add(CURL* easy);
  void Remove(CURL* easy);
  void AllowConnections(long connections_max);

 private:
  static int OnSocket(CURL* easy, curl_socket_t socket, int what, void* self, void* known);
  static int OnTimer(CURLM* multi, long timeout_ms, void* self);
  void Act(curl_socket_t socket, int events);

  EpollLoop& loop_;
  const Callbacks callbacks_;
  CURLM* const multi_;
  EventLoop::TimerId timer_ = 0;
};

}  // namespace ffdl::k8s
