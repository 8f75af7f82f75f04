#include "k8s-client/auth/exec_source.h"

#include <future>
#include <vector>

#include "test/support/virtual_time.h"
#include "test/unit/k8s-client/auth/temporary_directory.h"

namespace ffdl::k8s {
namespace {

using namespace std::chrono_literals;

// A plugin that counts its runs and prints what the test wants.
class ExecSourceTest : public testing::Test {
 protected:
  ExecSourceTest() {
    Script("echo run >> runs; cat answer");
    Answer(R"({"token":"first"})");
  }

  void Script(const std::string& text) const {
    directory_.Write("plugin", "#!/bin/sh\ncd " + directory_.path() + "\n" + text + "\n");
    std::filesystem::permissions(directory_.path() + "/plugin", std::filesystem::perms::owner_all);
  }
  void Answer(const std::string& status) const {
    directory_.Write("answer",
                     R"({"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential",)"
                     R"("status":)" +
                         status + "}");
  }
  [[nodiscard]] std::size_t Runs() const {
    std::error_code none;
    const auto bytes = std::filesystem::file_size(directory_.path() + "/runs", none);
    return none ? 0 : bytes / 4;
  }

  [[nodiscard]] std::shared_ptr<ExecSource> Start() {
    auto source = ExecSource::Start(plugin_, time_, {.timeout = 20s});
    return std::move(*source);
  }
  using Answered = Result<ExecSource::Credential>;
  [[nodiscard]] static Answered Refresh(ExecSource& source, const ExecSource::Credential& used) {
    std::promise<Answered> answered;
    source.Refresh(used, [&](Answered result) { answered.set_value(std::move(result)); });
    return answered.get_future().get();
  }

  test::TemporaryDirectory directory_;
  test::VirtualTime time_;
  ExecPlugin plugin_{.api_version = "client.authentication.k8s.io/v1",
                     .command = directory_.path() + "/plugin",
                     .interactive = Interactive::kNever};
};

TEST_F(ExecSourceTest, RunsThePluginOnceForAllWhoAsk) {
  const auto source = Start();
  std::vector<std::promise<Answered>> answered(5);
  for (auto& promise : answered) {
    source->Refresh(nullptr, [&](Answered result) { promise.set_value(std::move(result)); });
  }
  for (auto& promise : answered) EXPECT_EQ("first", (*promise.get_future().get())->token);
  EXPECT_EQ(1U, Runs());
}

TEST_F(ExecSourceTest, RunsItAgainOnlyForThoseWhoHadItsLastCredential) {
  const auto source = Start();
  const ExecSource::Credential first = *Refresh(*source, nullptr);
  Answer(R"({"token":"second"})");
  EXPECT_EQ(first, *Refresh(*source, nullptr));
  const ExecSource::Credential second = *Refresh(*source, first);
  EXPECT_EQ("second", second->token);
  EXPECT_EQ(second, *Refresh(*source, first));  // somebody else was quicker
  EXPECT_EQ(2U, Runs());
}

TEST_F(ExecSourceTest, TakesACredentialForStaleShortlyBeforeItExpires) {
  Answer(R"({"token":"first","expirationTimestamp":")" + FormatTime(time_.Now() + 1h) + "\"}");
  const auto source = Start();
  EXPECT_TRUE(source->IsStale(nullptr));
  const ExecSource::Credential first = *Refresh(*source, nullptr);
  time_.Skip(1h - 11s);
  EXPECT_FALSE(source->IsStale(first));
  time_.Skip(1s);
  EXPECT_TRUE(source->IsStale(first));
}

TEST_F(ExecSourceTest, KeepsACredentialWithoutExpiryForEver) {
  const auto source = Start();
  const ExecSource::Credential first = *Refresh(*source, nullptr);
  time_.Skip(1000h);
  EXPECT_FALSE(source->IsStale(first));
}

TEST_F(ExecSourceTest, NamesThePluginThatFailedAndDoesNotRunItAtOnceAgain) {
  Script("echo run >> runs; exit 7");
  plugin_.install_hint = "install it";
  const auto source = Start();
  for (int i = 0; i < 3; ++i) {
    const Answered failed = Refresh(*source, nullptr);
    ASSERT_FALSE(failed);
    EXPECT_EQ(ErrorCode::kUnauthorized, failed.error().code);
    EXPECT_EQ("credential plugin " + plugin_.command + ": it ended with exit code 7 (install it)",
              failed.error().message);
  }
  EXPECT_EQ(1U, Runs());
  Script("echo run >> runs; cat answer");
  time_.Skip(5s);
  EXPECT_EQ("first", (*Refresh(*source, nullptr))->token);
}

TEST_F(ExecSourceTest, TellsThePluginWhatItMayKnow) {
  Script(R"(printf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential",)"
         R"("status":{"token":"%s"}}' "$(printf %s "$KUBERNETES_EXEC_INFO" | tr -dc 'a-z')$1$A")");
  plugin_.args = {"argument"};
  plugin_.env = {{"A", "environment"}};
  EXPECT_EQ(
      "apiersionclientauthenticationksiovkindxecredentialspecinteractivefalse"
      "argumentenvironment",
      (*Refresh(*Start(), nullptr))->token);
}

TEST_F(ExecSourceTest, DoesNotRunAPluginThatNeedsAPersonWithoutOne) {
  plugin_.interactive = Interactive::kAlways;
  ASSERT_NE(nullptr, std::freopen("/dev/null", "r", stdin));
  const Answered failed = Refresh(*Start(), nullptr);
  ASSERT_FALSE(failed);
  EXPECT_EQ(
      "credential plugin " + plugin_.command + ": it must ask a person, and there is no terminal",
      failed.error().message);
  EXPECT_EQ(0U, Runs());
}

TEST_F(ExecSourceTest, EndsARunUnderWayWhenItGoes) {
  Script("exec sleep 60");
  auto source = Start();
  source->Refresh(nullptr, [](const Answered&) { FAIL() << "nobody waits for this any more"; });
  source.reset();
}

}  // namespace
}  // namespace ffdl::k8s
