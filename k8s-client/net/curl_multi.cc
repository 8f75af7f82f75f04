#include "k8s-client/net/curl_multi.h"

#include <sys/epoll.h>

#include <chrono>
#include <utility>

namespace ffdl::k8s {

CurlMulti::CurlMulti(EpollLoop& loop, long connections_max, Callbacks callbacks)
    : loop_(loop), callbacks_(std::move(callbacks)), multi_(curl_multi_init()) {
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &CurlMulti::OnSocket);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &CurlMulti::OnTimer);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
  AllowConnections(connections_max);
}

CurlMulti::~CurlMulti() {
  curl_multi_cleanup(multi_);
  loop_.Cancel(timer_);
}

void CurlMulti::Add(CURL* easy) { curl_multi_add_handle(multi_, easy); }

void CurlMulti::Remove(CURL* easy) { curl_multi_remove_handle(multi_, easy); }

void CurlMulti::AllowConnections(long connections_max) {
  curl_multi_setopt(multi_, CURLMOPT_MAX_HOST_CONNECTIONS, connections_max);
  curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, connections_max);
}

int CurlMulti::OnSocket(CURL*, curl_socket_t socket, int what, void* self, void*) {
  auto& multi = *static_cast<CurlMulti*>(self);
  if (what == CURL_POLL_REMOVE) {
    multi.loop_.Unwatch(socket);
    return 0;
  }
  const std::uint32_t events =
      ((what & CURL_POLL_IN) != 0 ? EPOLLIN : 0U) | ((what & CURL_POLL_OUT) != 0 ? EPOLLOUT : 0U);
  multi.loop_.Watch(socket, events, [&multi, socket](std::uint32_t ready) {
    int action = 0;
    if ((ready & EPOLLIN) != 0) action |= CURL_CSELECT_IN;
    if ((ready & EPOLLOUT) != 0) action |= CURL_CSELECT_OUT;
    if ((ready & (EPOLLERR | EPOLLHUP)) != 0) action |= CURL_CSELECT_ERR;
    multi.Act(socket, action);
  });
  return 0;
}

int CurlMulti::OnTimer(CURLM*, long timeout_ms, void* self) {
  auto& multi = *static_cast<CurlMulti*>(self);
  multi.loop_.Cancel(multi.timer_);
  multi.timer_ = 0;
  if (timeout_ms >= 0) {
    multi.timer_ = multi.loop_.After(std::chrono::milliseconds(timeout_ms),
                                     [&multi] { multi.Act(CURL_SOCKET_TIMEOUT, 0); });
  }
  return 0;
}

void CurlMulti::Act(curl_socket_t socket, int events) {
  int running = 0;
  curl_multi_socket_action(multi_, socket, events, &running);
  int left = 0;
  while (const CURLMsg* const message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    CURL* const easy = message->easy_handle;
    const CURLcode code = message->data.result;  // gone with the removal
    curl_multi_remove_handle(multi_, easy);
    callbacks_.finished(easy, code);
  }
  callbacks_.acted();
}

}  // namespace ffdl::k8s
