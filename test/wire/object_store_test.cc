// The reading client against an object store that checks signatures and misbehaves.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <filesystem>
#include <mutex>

#include "operator/object_store/client.h"
#include "test/support/s3_server.h"
#include "test/unit/operator/agent/process.h"
#include "test/wire/scripted_server.h"
#include "test/wire/tls_front.h"

namespace ffdl::object_store {
namespace {

using agent::test::ReadText;
using agent::test::TemporaryFolder;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using test::S3Answer;
using test::S3ErrorAnswer;
using test::S3Request;
using test::S3Server;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using Then = S3Server::Raw::Then;

// Patient enough for a loaded machine, and done at once when all is well.
constexpr Limits kQuick{.connect = 5s, .stalled = 10s, .first_pause = 1ms, .longest_pause = 5ms};

Options Access(const S3Server& server) {
  return {.endpoint = server.endpoint(),
          .region = "us-east-1",
          .bucket = "ml",
          .credentials = Credentials{.key_id = "AKIDEXAMPLE", .secret = "s3cr3t/Key+With="},
          .limits = kQuick};
}

std::vector<std::string> KeysOf(const Listing& listing) {
  std::vector<std::string> keys;
  for (const Object& object : listing.objects) keys.push_back(object.key);
  return keys;
}

Error ListError(const Options& options) {
  const auto listed = Client(options).List("", 100);
  return listed ? Error{.message = "no error"} : listed.error();
}

// Gets one object; its text, or the error.
Result<std::string> GetText(const Options& options, const std::string& key, Download more = {}) {
  const TemporaryFolder folder;
  more.key = key;
  more.part = folder.Path("part");
  more.to = folder.Path("whole");
  const auto got = Client(options).Get({more}, [](const Progress&) {});
  EXPECT_EQ(got.has_value(), std::filesystem::exists(more.to));
  if (!got) return tl::unexpected(got.error());
  return ReadText(more.to);
}

// Gives the first requests `raw`, and the right answer afterwards.
S3Server::Script AtFirst(int times, S3Server::Raw raw) {
  return [=](const S3Request&, int number) {
    return number <= times ? std::optional(raw) : std::nullopt;
  };
}

TEST(ObjectStoreTest, ReadsKeysOfAllKinds) {
  S3Server server;
  const std::vector<std::string> keys{" a b",        "a+b=c&d",    "a/../b",
                                      "f(1)'*!.txt", "grün/語.py", "x%2Fy~"};
  for (const std::string& key : keys) server.Put(key, "content of " + key);
  const auto listed = Client(Access(server)).List("", 100);
  ASSERT_TRUE(listed) << listed.error().message;
  EXPECT_THAT(KeysOf(*listed), testing::UnorderedElementsAreArray(keys));
  for (const std::string& key : keys) {
    EXPECT_EQ("content of " + key, GetText(Access(server), key).value_or("")) << key;
  }
}

TEST(ObjectStoreTest, ListsPageByPage) {
  S3Server server({.page_entries = 2});
  for (const char* key : {"a/1", "a/2 =", "a/3+", "a/4", "a/5", "b"}) server.Put(key, "x");
  const auto listed = Client(Access(server)).List("a/", 100);
  ASSERT_TRUE(listed) << listed.error().message;
  EXPECT_THAT(KeysOf(*listed), ElementsAre("a/1", "a/2 =", "a/3+", "a/4", "a/5"));
  EXPECT_FALSE(listed->more);
  EXPECT_EQ(3, server.requests().size());
}

TEST(ObjectStoreTest, ListsNoMoreThanWasAskedFor) {
  S3Server server({.page_entries = 2});
  for (const char* key : {"1", "2", "3", "4", "5"}) server.Put(key, "x");
  const auto three = Client(Access(server)).List("", 3);
  ASSERT_TRUE(three);
  EXPECT_THAT(KeysOf(*three), ElementsAre("1", "2", "3"));
  EXPECT_TRUE(three->more);
  const auto five = Client(Access(server)).List("", 5);
  ASSERT_TRUE(five);
  EXPECT_FALSE(five->more);
}

TEST(ObjectStoreTest, IsRefusedWithTheServersWords) {
  S3Server server;
  Options wrong_secret = Access(server);
  wrong_secret.credentials->secret = "guessed";
  EXPECT_EQ(ErrorKind::kDenied, ListError(wrong_secret).kind);
  EXPECT_EQ("SignatureDoesNotMatch: Check your secret access key. (HTTP status 403)",
            ListError(wrong_secret).message);
  EXPECT_EQ("list bucket 'ml'", ListError(wrong_secret).request);
  Options unknown = Access(server);
  unknown.credentials->key_id = "AKIDOTHER";
  EXPECT_EQ("InvalidAccessKeyId", ListError(unknown).code);
  Options anonymous = Access(server);
  anonymous.credentials.reset();
  EXPECT_EQ(ErrorKind::kDenied, ListError(anonymous).kind);
  EXPECT_EQ(5, server.requests().size());  // no try again helps
}

TEST(ObjectStoreTest, ReadsWithoutCredentials) {
  S3Server server({.anonymous = true});
  server.Put("a", "A");
  Options options = Access(server);
  options.credentials.reset();
  EXPECT_EQ("A", GetText(options, "a").value_or(""));
  EXPECT_FALSE(server.requests().at(0).headers.contains("authorization"));
}

TEST(ObjectStoreTest, SignsTheTokenOfASession) {
  S3Server server({.session_token = "FwoGZXIvYXdzE/+="});
  server.Put("a", "A");
  Options options = Access(server);
  EXPECT_EQ("InvalidToken", GetText(options, "a").error().code);
  options.credentials->session_token = "FwoGZXIvYXdzE/+=";
  EXPECT_EQ("A", GetText(options, "a").value_or(""));
}

TEST(ObjectStoreTest, SaysWhatIsMissing) {
  S3Server server;
  const auto no_key = GetText(Access(server), "a");
  ASSERT_FALSE(no_key);
  EXPECT_EQ(ErrorKind::kMissing, no_key.error().kind);
  EXPECT_EQ("NoSuchKey", no_key.error().code);
  Options options = Access(server);
  options.bucket = "other";
  EXPECT_EQ(ErrorKind::kMissing, ListError(options).kind);
  EXPECT_EQ("NoSuchBucket", ListError(options).code);
}

TEST(ObjectStoreTest, SaysInWhichRegionTheBucketIs) {
  S3Server server({.region = "eu-west-1"});
  EXPECT_EQ(ErrorKind::kWrongRegion, ListError(Access(server)).kind);
  EXPECT_EQ("eu-west-1", ListError(Access(server)).region);
  server.Misbehave([](const S3Request&, int) {
    return S3Server::Raw{S3ErrorAnswer(301, "PermanentRedirect", "use the other endpoint", "",
                                       "x-amz-bucket-region: ap-south-1\r\n"
                                       "Location: http://127.0.0.1:1/\r\n")};
  });
  EXPECT_EQ(ErrorKind::kWrongRegion, ListError(Access(server)).kind);
  EXPECT_EQ("ap-south-1", ListError(Access(server)).region);
}

TEST(ObjectStoreTest, FollowsNoRedirect) {
  S3Server server;
  server.Misbehave([&](const S3Request&, int) {
    return S3Server::Raw{S3Answer(302, "", "Location: http://127.0.0.1:1/elsewhere\r\n")};
  });
  EXPECT_EQ(ErrorKind::kInvalid, ListError(Access(server)).kind);
  EXPECT_EQ("HTTP status 302 to http://127.0.0.1:1/elsewhere", ListError(Access(server)).message);
}

TEST(ObjectStoreTest, TriesAgainWhatMayPass) {
  for (const S3Server::Raw& raw :
       {S3Server::Raw{S3ErrorAnswer(503, "SlowDown", "Please reduce your request rate.")},
        S3Server::Raw{S3Answer(429, "")}, S3Server::Raw{"", Then::kCut},
        S3Server::Raw{"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", Then::kCut}}) {
    S3Server server;
    server.Put("a", "all of it");
    server.Misbehave(AtFirst(2, raw));
    const auto got = GetText(Access(server), "a");
    EXPECT_EQ("all of it", got.value_or(got ? "" : got.error().message)) << raw.bytes;
    EXPECT_LE(3, server.requests().size());
  }
}

TEST(ObjectStoreTest, GivesUpAfterSoManyTries) {
  S3Server server;
  server.Misbehave(AtFirst(1000, {S3ErrorAnswer(503, "SlowDown", "Please wait.")}));
  const Error error = ListError(Access(server));
  EXPECT_EQ(ErrorKind::kUnavailable, error.kind);
  EXPECT_EQ("SlowDown: Please wait. (HTTP status 503); tried 6 times", error.message);
  EXPECT_EQ(6, server.requests().size());
}

TEST(ObjectStoreTest, WaitsAsLongAsTheServerAsks) {
  S3Server server;
  server.Put("a", "A");
  server.Misbehave(AtFirst(1, {S3Answer(503, "", "Retry-After: 1\r\n")}));
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ("A", GetText(Access(server), "a").value_or(""));
  EXPECT_LE(1s, std::chrono::steady_clock::now() - start);
}

TEST(ObjectStoreTest, WaitsNotForEver) {
  S3Server server;
  server.Put("a", "A");
  server.Misbehave(AtFirst(1, {S3Answer(503, "", "Retry-After: 86400\r\n")}));
  Options options = Access(server);
  options.limits.retry_after_max = 0s;
  EXPECT_EQ("A", GetText(options, "a").value_or(""));
}

TEST(ObjectStoreTest, CutsOffWhatStands) {
  S3Server server;
  server.Misbehave(
      AtFirst(1000, {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", Then::kHang}));
  Options options = Access(server);
  options.limits.stalled = 1s;
  options.limits.tries = 1;
  const auto got = GetText(options, "a");
  ASSERT_FALSE(got);
  EXPECT_EQ(ErrorKind::kUnavailable, got.error().kind);
  EXPECT_THAT(got.error().message, HasSubstr("too slow"));
}

TEST(ObjectStoreTest, SaysThatNobodyListens) {
  S3Server server;
  Options options = Access(server);
  options.endpoint = "http://127.0.0.1:" + std::to_string(test::ClosedPort());
  options.limits.tries = 2;
  EXPECT_EQ(ErrorKind::kUnavailable, ListError(options).kind);
  EXPECT_THAT(ListError(options).message, HasSubstr("Failed to connect"));
  options.endpoint = "ftp://127.0.0.1";
  EXPECT_EQ(ErrorKind::kInvalid, ListError(options).kind);
}

TEST(ObjectStoreTest, TakesNoOtherObjectThanWasListed) {
  S3Server server;
  server.Put("a", "new");
  EXPECT_EQ(ErrorKind::kChanged, GetText(Access(server), "a", {.etag = "\"old\""}).error().kind);
  EXPECT_EQ(ErrorKind::kChanged, GetText(Access(server), "a", {.size = 2}).error().kind);
  EXPECT_EQ(ErrorKind::kChanged, GetText(Access(server), "a", {.size = 4}).error().kind);
  EXPECT_EQ(ErrorKind::kTooLarge, GetText(Access(server), "a", {.bytes_max = 2}).error().kind);
  // Without a length at the start it turns out in the end.
  server.Misbehave([](const S3Request&, int) {
    return S3Server::Raw{"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nsome", Then::kCut};
  });
  EXPECT_EQ("some", GetText(Access(server), "a").value_or(""));
  EXPECT_EQ(ErrorKind::kChanged, GetText(Access(server), "a", {.size = 5}).error().kind);
  EXPECT_EQ(ErrorKind::kTooLarge, GetText(Access(server), "a", {.bytes_max = 3}).error().kind);
}

TEST(ObjectStoreTest, KnowsOtherServersByTheirAnswers) {
  S3Server server;
  const auto answers = [&](const std::string& answer) {
    server.Misbehave([=](const S3Request&, int) { return S3Server::Raw{answer}; });
    const Error error = ListError(Access(server));
    EXPECT_EQ(ErrorKind::kInvalid, error.kind) << error.message;
    return error.message;
  };
  EXPECT_THAT(answers(S3Answer(200, "<html><body>Welcome<br></body></html>")),
              HasSubstr("not the listing of an object store: it is no XML that we read"));
  EXPECT_THAT(answers(S3Answer(404, "<html>\n<p>Not here</html>")),
              HasSubstr("not as an object store says it: <html> <p>Not here"));
  EXPECT_THAT(answers(S3Answer(200, "<ListBucketResult><Contents><Key>a</Key>")),
              HasSubstr("no element found"));
  EXPECT_THAT(answers(S3Answer(200, "<Other/>")), HasSubstr("no ListBucketResult"));
  EXPECT_THAT(answers(S3Answer(200, "")), HasSubstr("no element found"));
  EXPECT_THAT(answers(S3Answer(404, std::string(100000, 'x'))), HasSubstr("more text"));
  EXPECT_THAT(answers(S3Answer(200, "<a>" + std::string(9 << 20, ' '))),
              HasSubstr("a text too long"));
}

TEST(ObjectStoreTest, EndsAListingThatDoesNotEnd) {
  S3Server server;
  server.Misbehave([](const S3Request&, int) {
    return S3Server::Raw{S3Answer(200,
                                  "<ListBucketResult><IsTruncated>true</IsTruncated>"
                                  "<NextContinuationToken>again</NextContinuationToken>"
                                  "</ListBucketResult>")};
  });
  EXPECT_EQ("the listing does not end", ListError(Access(server)).message);
}

// Holds the first requests until so many are under way, and counts how many ever are.
class Crowd {
 public:
  explicit Crowd(int size) : size_(size) {}

  std::optional<S3Server::Raw> Join(int number) {
    std::unique_lock lock(mutex_);
    most_ = std::max(most_, ++under_way_);
    came_.notify_all();
    if (number <= size_) came_.wait_for(lock, 20s, [&] { return most_ >= size_; });
    --under_way_;
    return std::nullopt;
  }
  [[nodiscard]] int most() {
    const std::scoped_lock lock(mutex_);
    return most_;
  }

 private:
  const int size_;
  std::mutex mutex_;
  std::condition_variable came_;
  int under_way_ = 0;
  int most_ = 0;
};

TEST(ObjectStoreTest, GetsManyAtOnceButNotMore) {
  S3Server server;
  for (int i = 0; i < 40; ++i) server.Put(std::to_string(i), std::string(100000, 'x'));
  Crowd crowd(4);
  server.Misbehave([&](const S3Request&, int number) { return crowd.Join(number); });
  const TemporaryFolder folder;
  std::vector<Download> downloads;
  for (int i = 0; i < 40; ++i) {
    const std::string name = std::to_string(i);
    downloads.push_back(
        {.key = name, .size = 100000, .part = folder.Path("part" + name), .to = folder.Path(name)});
  }
  Options options = Access(server);
  options.limits.at_once = 4;
  Progress seen;
  ASSERT_TRUE(Client(options).Get(downloads, [&](const Progress& so_far) { seen = so_far; }));
  EXPECT_EQ(4000000, seen.bytes);
  EXPECT_EQ(4000000, seen.total);
  EXPECT_EQ(4, crowd.most());
}

TEST(ObjectStoreTest, NamesTheFileThatCannotBeWritten) {
  S3Server server;
  server.Put("a", "A");
  const Download download{.key = "a", .part = "/nowhere/part", .to = "/nowhere/a"};
  const auto got = Client(Access(server)).Get({download}, [](const Progress&) {});
  ASSERT_FALSE(got);
  EXPECT_EQ(ErrorKind::kLocal, got.error().kind);
  EXPECT_EQ("create /nowhere/part: No such file or directory", got.error().message);
}

TEST(ObjectStoreTest, TrustsTheAuthorityItIsTold) {
  S3Server server;
  server.Put("a", "A");
  const test::Authority authority;
  const test::TlsFront front(authority, "127.0.0.1", server.port());
  Options options = Access(server);
  options.endpoint = "https://" + front.authority();
  EXPECT_EQ(ErrorKind::kUntrusted, ListError(options).kind);
  EXPECT_THAT(ListError(options).message, HasSubstr("certificate"));
  EXPECT_THAT(ListError(options).message, Not(HasSubstr("tried")));
  options.ca_pem = authority.pem();
  EXPECT_EQ("A", GetText(options, "a").value_or(""));
  options.ca_pem = test::Authority("another authority").pem();
  EXPECT_EQ(ErrorKind::kUntrusted, ListError(options).kind);
}

}  // namespace
}  // namespace ffdl::object_store
