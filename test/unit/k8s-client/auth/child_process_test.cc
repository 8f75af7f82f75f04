#include "k8s-client/auth/child_process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <future>

namespace ffdl::k8s {
namespace {

using namespace std::chrono_literals;

class ChildProcessTest : public testing::Test {
 protected:
  [[nodiscard]] Result<std::string> Run(ChildSpec spec) {
    std::promise<Result<std::string>> ended;
    loop_->Post([&] {
      child_ = std::make_unique<ChildProcess>(
          *loop_, std::move(spec),
          [&](Result<std::string> result) { ended.set_value(std::move(result)); });
      child_->Start();
    });
    Result<std::string> result = ended.get_future().get();
    std::promise<void> gone;
    loop_->Post([&] {
      child_.reset();
      gone.set_value();
    });
    gone.get_future().wait();
    return result;
  }
  [[nodiscard]] Result<std::string> RunShell(const std::string& script) {
    return Run({.command = "sh", .args = {"-c", script}});
  }
  [[nodiscard]] std::string ErrorOf(const Result<std::string>& result) {
    return result ? "no error" : result.error().message;
  }

  std::unique_ptr<EpollLoop> loop_ = std::move(*EpollLoop::Start("child-test"));
  std::unique_ptr<ChildProcess> child_;
};

TEST_F(ChildProcessTest, GivesWhatAProgramPrints) {
  EXPECT_EQ("a b\n", Run({.command = "/bin/echo", .args = {"a b"}}));
}

TEST_F(ChildProcessTest, NeedsNoShell) {
  EXPECT_EQ("$(id); `id` | cat\n", Run({.command = "echo", .args = {"$(id); `id` | cat"}}));
}

TEST_F(ChildProcessTest, HasOurEnvironmentAndMore) {
  setenv("FFDL_TEST_OURS", "ours", 1);
  setenv("FFDL_TEST_BOTH", "ours", 1);
  EXPECT_EQ("ours:theirs", Run({.command = "sh",
                                .args = {"-c", "printf %s:%s $FFDL_TEST_OURS $FFDL_TEST_BOTH"},
                                .env = {{"FFDL_TEST_BOTH", "theirs"}}}));
}

TEST_F(ChildProcessTest, ReadsNothingAndHasNoOtherDescriptors) {
  const int leaked = dup(STDERR_FILENO);  // not close-on-exec
  EXPECT_EQ("", Run({.command = "cat"}));
  EXPECT_EQ("0\n1\n2\n3\n", Run({.command = "ls", .args = {"/proc/self/fd"}}));  // 3: the directory
  close(leaked);
}

TEST_F(ChildProcessTest, IsNotDisturbedByOurSignalMask) {
  // Our loops block every signal; a program that inherited that could not be ended by its own.
  EXPECT_EQ("it was ended by signal 15", ErrorOf(RunShell("kill $$; sleep 60")));
}

TEST_F(ChildProcessTest, SaysHowItFailed) {
  EXPECT_EQ("it cannot be started: No such file or directory",
            ErrorOf(Run({.command = "ffdl-no-such-program"})));
  EXPECT_EQ("it ended with exit code 3", ErrorOf(RunShell("echo secret; exit 3")));
}

TEST_F(ChildProcessTest, MayNotPrintMoreThanAllowed) {
  EXPECT_EQ("it printed more than 1000 bytes",
            ErrorOf(Run({.command = "sh",
                         .args = {"-c", "while :; do echo aaaaaaaaaaaaaaaaaaaa; done"},
                         .output_bytes_max = 1000})));
}

TEST_F(ChildProcessTest, IsKilledWithItsChildrenWhenItTakesTooLong) {
  EXPECT_EQ("it did not end within 50 ms",
            ErrorOf(Run({.command = "sh", .args = {"-c", "sleep 60 & wait"}, .timeout = 50ms})));
}

TEST_F(ChildProcessTest, IsNotWaitedForByTheDescendantsItLeaves) {
  EXPECT_EQ("done\n", RunShell("sleep 1 & echo done"));
}

TEST_F(ChildProcessTest, DoesNotOutliveItsObject) {
  std::promise<void> gone;
  loop_->Post([&] {
    auto child = std::make_unique<ChildProcess>(
        *loop_, ChildSpec{.command = "sleep", .args = {"60"}}, [](const Result<std::string>&) {});
    child->Start();
    child.reset();  // blocks until it is gone
    gone.set_value();
  });
  EXPECT_EQ(std::future_status::ready, gone.get_future().wait_for(20s));
}

}  // namespace
}  // namespace ffdl::k8s
