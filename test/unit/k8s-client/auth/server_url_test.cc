#include "k8s-client/auth/server_url.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace ffdl::k8s {
namespace {

struct UrlCase {
  std::string text;
  std::string server;
  std::string path_prefix;
};

TEST(ServerUrlTest, IsSplitIntoServerAndPrefix) {
  const std::vector<UrlCase> cases{
      {"https://10.0.0.1:6443", "https://10.0.0.1:6443", ""},
      {"https://api.example.org/", "https://api.example.org", ""},
      {"https://rancher.example.org/k8s/clusters/c-1/", "https://rancher.example.org",
       "/k8s/clusters/c-1"},
      {"https://[fd00::1]:6443/a", "https://[fd00::1]:6443", "/a"},
      {"http://127.0.0.1:8001", "http://127.0.0.1:8001", ""},
      {"localhost:6443", "https://localhost:6443", ""},
  };
  for (const UrlCase& c : cases) {
    const Result<ServerUrl> url = ParseServerUrl(c.text);
    ASSERT_TRUE(url) << c.text;
    EXPECT_EQ(c.server, url->server);
    EXPECT_EQ(c.path_prefix, url->path_prefix);
  }
}

TEST(ServerUrlTest, ThatIsNotMeantForAnApiServerIsRefused) {
  for (const char* text :
       {"", "https://", "https://:6443", "https:///path", "ftp://host", "https://host?a=b",
        "https://host#a", "https://ada:secret@host", "https://ho st"}) {
    const Result<ServerUrl> url = ParseServerUrl(text);
    ASSERT_FALSE(url) << text;
    EXPECT_EQ(std::string::npos, url.error().message.find("secret"));
  }
}

}  // namespace
}  // namespace ffdl::k8s
