#include "operator/http/address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ffdl::http {
namespace {

using testing::HasSubstr;

TEST(AddressTest, IsAHostAndAPort) {
  EXPECT_EQ((Address{.host = "127.0.0.1", .port = 8080}), ParseAddress("127.0.0.1:8080"));
  EXPECT_EQ((Address{.host = "localhost", .port = 0}), ParseAddress("localhost:0"));
}

TEST(AddressTest, WithoutAHostMeansAll) {
  EXPECT_EQ((Address{.host = "0.0.0.0", .port = 65535}), ParseAddress(":65535"));
}

TEST(AddressTest, ThatCannotBeReadIsRefusedWithAReason) {
  for (const char* text : {"", "8080", "localhost:", ":65536", ":80x", ":-1", ": 80", "[::1]:80",
                           "::1:80", "http://x:80", "a b:80"}) {
    const k8s::Result<Address> address = ParseAddress(text);
    ASSERT_FALSE(address) << text;
    EXPECT_EQ(k8s::ErrorCode::kInvalid, address.error().code) << text;
    EXPECT_THAT(address.error().message, HasSubstr(std::string("'") + text + "'"));
  }
}

TEST(BoundPortTest, IsNotGivenTwiceAsAFreeOne) {
  const k8s::Result<BoundPort> one = BoundPort::Bind({.host = "127.0.0.1", .port = 0});
  const k8s::Result<BoundPort> other = BoundPort::Bind({.host = "127.0.0.1", .port = 0});
  ASSERT_TRUE(one && other);
  EXPECT_NE(0, one->port());
  EXPECT_NE(one->port(), other->port());
}

TEST(BoundPortTest, OfAnAddressThatIsNotOursIsRefused) {
  const k8s::Result<BoundPort> bound = BoundPort::Bind({.host = "192.0.2.1", .port = 0});
  ASSERT_FALSE(bound);
  EXPECT_EQ("listen on 192.0.2.1:0: Cannot assign requested address", bound.error().message);
}

}  // namespace
}  // namespace ffdl::http
