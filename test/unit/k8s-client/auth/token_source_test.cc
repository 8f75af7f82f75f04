#include "k8s-client/auth/token_source.h"

#include <filesystem>

#include "test/unit/k8s-client/auth/temporary_directory.h"

namespace ffdl::k8s {
namespace {

using namespace std::chrono_literals;

class StoppedClock final : public Clock {
 public:
  [[nodiscard]] Time Now() const override { return {}; }
  [[nodiscard]] std::chrono::nanoseconds Steady() const override { return steady_; }
  void Advance(std::chrono::nanoseconds by) { steady_ += by; }

 private:
  std::chrono::nanoseconds steady_ = 1h;
};

class TokenSourceTest : public testing::Test {
 protected:
  [[nodiscard]] std::string Failure() const {
    return tokens_.last_failure() == nullptr ? "" : tokens_.last_failure()->message;
  }

  test::TemporaryDirectory directory_;
  std::string path_ = directory_.Write("token", " first\n");
  StoppedClock clock_;
  TokenSource tokens_{"", path_, clock_};
};

TEST_F(TokenSourceTest, ReadsTheFileOnceAMinute) {
  EXPECT_EQ("first", tokens_.Current());
  directory_.Write("token", "second");
  clock_.Advance(59s);
  EXPECT_EQ("first", tokens_.Current());
  clock_.Advance(1s);
  EXPECT_EQ("second", tokens_.Current());
}

TEST_F(TokenSourceTest, ReadsTheFileAtOnceWhenTheServerRefusedItsToken) {
  EXPECT_EQ("first", tokens_.Current());
  directory_.Write("token", "second");
  clock_.Advance(1s);
  EXPECT_TRUE(tokens_.Rejected("first", clock_.Steady()));
  EXPECT_EQ("second", tokens_.Current());
}

TEST_F(TokenSourceTest, DoesNotReadAgainForRequestsThatWereSentBeforeTheLastReading) {
  EXPECT_EQ("first", tokens_.Current());
  const std::chrono::nanoseconds sent_at = clock_.Steady();
  clock_.Advance(1s);
  EXPECT_FALSE(tokens_.Rejected("first", sent_at));  // read now, and the same
  directory_.Write("token", "second");
  EXPECT_FALSE(tokens_.Rejected("first", sent_at));
  EXPECT_TRUE(tokens_.Rejected("first", clock_.Steady()));
}

TEST_F(TokenSourceTest, KnowsThatARefusedTokenIsNoLongerInUse) {
  EXPECT_EQ("first", tokens_.Current());
  EXPECT_TRUE(tokens_.Rejected("older", clock_.Steady()));
}

TEST_F(TokenSourceTest, KeepsTheLastTokenWhileTheFileCannotBeRead) {
  EXPECT_EQ("first", tokens_.Current());
  std::filesystem::remove(path_);
  clock_.Advance(1min);
  EXPECT_EQ("first", tokens_.Current());
  EXPECT_EQ("read token file: " + path_ + ": No such file or directory", Failure());
  directory_.Write("token", "second");
  clock_.Advance(1min);
  EXPECT_EQ("second", tokens_.Current());
  EXPECT_EQ("", Failure());
}

TEST_F(TokenSourceTest, TakesNoEmptyTokenAndNoneThatBreaksAHeader) {
  EXPECT_EQ("first", tokens_.Current());
  for (const char* text : {"", " \n", "two\nlines", "a b"}) {
    directory_.Write("token", text);
    clock_.Advance(1min);
    EXPECT_EQ("first", tokens_.Current()) << text;
    EXPECT_EQ("token file " + path_ + " holds no token", Failure()) << text;
  }
}

TEST_F(TokenSourceTest, WithoutAnyTokenIsAnError) {
  TokenSource missing("", path_ + ".missing", clock_);
  EXPECT_FALSE(missing.Current());
}

TEST_F(TokenSourceTest, FallsBackToTheFixedToken) {
  TokenSource missing("fixed", path_ + ".missing", clock_);
  EXPECT_EQ("fixed", missing.Current());
  TokenSource both("fixed", path_, clock_);
  EXPECT_EQ("first", both.Current());
}

TEST_F(TokenSourceTest, OfAFixedTokenHasNothingElseToTry) {
  TokenSource fixed("fixed", "", clock_);
  EXPECT_EQ("fixed", fixed.Current());
  EXPECT_FALSE(fixed.Rejected("fixed", clock_.Steady()));
  TokenSource none("", "", clock_);
  EXPECT_EQ("", none.Current());
}

}  // namespace
}  // namespace ffdl::k8s
