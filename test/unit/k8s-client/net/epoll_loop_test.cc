#include "k8s-client/net/epoll_loop.h"

#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <future>
#include <numeric>
#include <vector>

namespace ffdl::k8s {
namespace {

using namespace std::chrono_literals;

class EpollLoopTest : public testing::Test {
 protected:
  // Runs `work` on the loop and waits for it.
  template <typename Work>
  void OnLoop(Work work) {
    std::promise<void> done;
    loop_->Post([&] {
      work();
      done.set_value();
    });
    done.get_future().wait();
  }

  std::unique_ptr<EpollLoop> loop_ = std::move(*EpollLoop::Start("test-loop-with-a-long-name"));
};

TEST_F(EpollLoopTest, RunsWhatIsPostedInOrderOnOneThread) {
  std::vector<int> ran;
  std::thread::id thread;
  for (int i = 0; i < 1000; ++i) loop_->Post([&ran, i] { ran.push_back(i); });
  OnLoop([&] { thread = std::this_thread::get_id(); });
  std::vector<int> want(1000);
  std::iota(want.begin(), want.end(), 0);
  EXPECT_EQ(want, ran);
  EXPECT_NE(std::this_thread::get_id(), thread);
}

TEST_F(EpollLoopTest, RunsTimersWhenTheyAreDueAndInThatOrder) {
  std::vector<int> ran;
  std::promise<void> last;
  const auto start = std::chrono::steady_clock::now();
  loop_->After(40ms, [&] {
    ran.push_back(3);
    last.set_value();
  });
  loop_->After(20ms, [&] { ran.push_back(2); });
  loop_->After(0ms, [&] { ran.push_back(1); });
  last.get_future().wait();
  EXPECT_EQ((std::vector{1, 2, 3}), ran);
  EXPECT_LE(40ms, std::chrono::steady_clock::now() - start);
}

TEST_F(EpollLoopTest, NeverRunsATimerThatWasCancelledOnItsThread) {
  bool ran = false;
  std::promise<void> later;
  OnLoop([&] {
    // Both are due in the same round: the first takes the second back.
    auto second = std::make_shared<EventLoop::TimerId>(0);
    loop_->After(0ms, [this, second] { loop_->Cancel(*second); });
    *second = loop_->After(0ms, [&] { ran = true; });
    loop_->After(5ms, [&] { later.set_value(); });
  });
  later.get_future().wait();
  EXPECT_FALSE(ran);
  loop_->Cancel(12345);  // unknown: ignored
}

TEST_F(EpollLoopTest, TellsWhenADescriptorIsReady) {
  std::array<int, 2> ends{};
  ASSERT_EQ(0, pipe(ends.data()));
  std::promise<std::uint32_t> ready;
  OnLoop([&] {
    loop_->Watch(ends[0], EPOLLIN, [&](std::uint32_t events) {
      loop_->Unwatch(ends[0]);  // from within its own callback
      ready.set_value(events);
    });
  });
  ASSERT_EQ(1, write(ends[1], "x", 1));
  EXPECT_EQ(EPOLLIN, ready.get_future().get());
  close(ends[0]);
  close(ends[1]);
}

TEST_F(EpollLoopTest, RunsWhatWasPostedBeforeItGoesAndWhatThatPosts) {
  int ran = 0;
  EpollLoop* const loop = loop_.get();
  loop->Post([&ran, loop] { loop->Post([&ran, loop] { loop->Post([&ran] { ++ran; }); }); });
  loop->After(1h, [&ran] { ran += 100; });
  loop->Post([&ran] { ++ran; });
  loop_.reset();
  EXPECT_EQ(2, ran);
}

}  // namespace
}  // namespace ffdl::k8s
