#include "k8s-client/runtime/health.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "test/support/virtual_time.h"

namespace ffdl::k8s {
namespace {

using namespace std::chrono_literals;

TEST(HealthTest, IsAliveWhileEveryLoopTurns) {
  test::VirtualTime time;
  test::VirtualLoop watch(time);
  test::VirtualLoop requests(time);
  Health health(time);
  health.WatchLoop("watch", watch);
  health.WatchLoop("requests", requests);
  time.RunFor(1h);
  EXPECT_TRUE(health.Alive().ok);
  EXPECT_EQ("[+] loop watch\n[+] loop requests\n", health.Alive().text);
  watch.Pause();
  time.RunFor(12s);
  EXPECT_FALSE(health.Alive().ok);
  EXPECT_EQ("[-] loop watch: no tick for 12 s\n[+] loop requests\n", health.Alive().text);
  watch.Resume();
  time.RunReady();
  EXPECT_TRUE(health.Alive().ok);
}

TEST(HealthTest, IsReadyWhenEveryCheckIsMet) {
  test::VirtualTime time;
  Health health(time);
  std::string trouble = "not filled yet";
  health.AddReadyCheck("pods", [&] { return trouble; });
  EXPECT_FALSE(health.Ready().ok);
  EXPECT_EQ("[-] pods: not filled yet\n", health.Ready().text);
  EXPECT_TRUE(health.Alive().ok);
  trouble.clear();
  EXPECT_TRUE(health.Ready().ok);
  EXPECT_EQ("[+] pods\n", health.Ready().text);
}

TEST(HealthTest, IsAliveOnlyIfItsChecksAreMet) {
  test::VirtualTime time;
  Health health(time);
  std::string trouble;
  health.AddAliveCheck("workers", [&] { return trouble; });
  EXPECT_TRUE(health.Alive().ok);
  trouble = "planning for 11 s";
  EXPECT_FALSE(health.Alive().ok);
  EXPECT_EQ("[-] workers: planning for 11 s\n", health.Ready().text);
}

TEST(HealthTest, MayEndBeforeItsLoops) {
  test::VirtualTime time;
  test::VirtualLoop loop(time);
  auto health = std::make_unique<Health>(time);
  health->WatchLoop("watch", loop);
  time.RunFor(3s);
  health.reset();
  time.RunFor(1min);
}

}  // namespace
}  // namespace ffdl::k8s
