#include "k8s-client/auth/proxy.h"

#include <gtest/gtest.h>

#include <string>

namespace ffdl::k8s {
namespace {

struct ProxyCase {
  std::string name;
  std::string server;
  std::string no_proxy;
  bool proxied;
};

class ProxyTest : public testing::TestWithParam<ProxyCase> {};

TEST_P(ProxyTest, IsUsed) {
  const ProxyCase& c = GetParam();
  const Result<std::string> proxy =
      ProxyFor(c.server, {.https_proxy = "http://proxy:3128", .no_proxy = c.no_proxy});
  ASSERT_TRUE(proxy) << proxy.error().message;
  EXPECT_EQ(c.proxied ? "http://proxy:3128" : "", *proxy);
}

INSTANTIATE_TEST_SUITE_P(
    Exceptions, ProxyTest,
    testing::Values(
        ProxyCase{"WithoutExceptions", "https://api.example.org:6443", "", true},
        ProxyCase{"ForNothingWithAStar", "https://api.example.org", "*", false},
        ProxyCase{"NotForTheName", "https://API.example.org", "other, api.example.org", false},
        ProxyCase{"NotBelowTheName", "https://api.example.org", "example.org", false},
        ProxyCase{"ForANameThatOnlyEndsAlike", "https://myexample.org", "example.org", true},
        ProxyCase{"NotBelowADot", "https://api.example.org", ".example.org", false},
        ProxyCase{"ForTheNameAfterADot", "https://example.org", ".example.org", true},
        ProxyCase{"ForTheNameAfterAStar", "https://example.org", "*.example.org", true},
        ProxyCase{"NotBelowAStar", "https://a.example.org", "*.example.org", false},
        ProxyCase{"NotForThePort", "https://a.test:6443", "a.test:6443", false},
        ProxyCase{"ForAnotherPort", "https://a.test:6443", "a.test:443", true},
        ProxyCase{"NotForTheUsualPort", "https://a.test", "a.test:443", false},
        ProxyCase{"NotForTheAddress", "https://10.1.2.3:443", "10.1.2.3", false},
        ProxyCase{"NotInTheRange", "https://10.1.2.3:443", "10.0.0.0/8", false},
        ProxyCase{"NotInAnOddRange", "https://10.1.2.3:443", "10.1.2.0/30", false},
        ProxyCase{"OutsideTheRange", "https://10.1.2.4:443", "10.1.2.0/30", true},
        ProxyCase{"NotInTheRangeOfSix", "https://[fd00::1]:443", "fd00::/8", false},
        ProxyCase{"OutsideTheRangeOfSix", "https://[fe00::1]:443", "fd00::/8", true},
        ProxyCase{"ForNamesInSpiteOfRanges", "https://a.test", "0.0.0.0/0", true},
        ProxyCase{"InSpiteOfARangeThatIsNone", "https://10.1.2.3", "10.0.0.0/99,10.0.0.0/x,/8",
                  true},
        ProxyCase{"NotForTheMachineItself", "https://localhost:6443", "", false},
        ProxyCase{"NotForLoopback", "https://127.1.2.3:6443", "", false},
        ProxyCase{"NotForLoopbackOfSix", "https://[::1]:6443", "", false}),
    [](const auto& entry) { return entry.param.name; });

TEST(ProxyTest, IsTheOneOfTheScheme) {
  const ProxyEnvironment environment{.https_proxy = "secure", .http_proxy = "plain"};
  EXPECT_EQ("http://secure", ProxyFor("https://a", environment));
  EXPECT_EQ("http://plain", ProxyFor("http://a", environment));
  EXPECT_EQ("", ProxyFor("http://a", {.https_proxy = "secure"}));
}

TEST(NormalProxyUrlTest, KnowsThreeSchemes) {
  EXPECT_EQ("http://proxy:3128", NormalProxyUrl("proxy:3128"));
  EXPECT_EQ("https://ada:secret@proxy", NormalProxyUrl("HTTPS://ada:secret@proxy/"));
  EXPECT_EQ("socks5h://[::1]:1080", NormalProxyUrl("socks5://[::1]:1080"));
}

TEST(NormalProxyUrlTest, RefusesTheRestWithoutRepeatingIt) {
  for (const char* url : {"", "ftp://secret@proxy", "http://", "http://secret@:1",
                          "http://a/secret", "http://se cret", "http://a?secret"}) {
    const Result<std::string> normal = NormalProxyUrl(url);
    ASSERT_FALSE(normal) << url;
    EXPECT_EQ(std::string::npos, normal.error().message.find("secret")) << url;
  }
}

}  // namespace
}  // namespace ffdl::k8s
