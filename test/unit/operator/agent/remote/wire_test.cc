#include "operator/agent/remote/wire.h"

#include <gtest/gtest.h>

#include <string>

namespace ffdl::agent {
namespace {

const std::string kKey(64, 'k');
const Nonces kNonces{.server = std::string(32, 's'), .client = std::string(32, 'c')};

Digest ClientKey() { return FrameKeyOf(kKey, Side::kClient, kNonces); }

// What a reader makes of these bytes: payloads with blanks between, or the error.
std::string Read(std::string_view bytes, const Digest& key = ClientKey()) {
  FrameReader reader(key);
  reader.Feed(bytes);
  std::string seen;
  for (;;) {
    const auto frame = reader.Next();
    if (!frame) return seen + frame.error().message;
    if (!*frame) return seen;
    seen += (*frame)->payload + " ";
  }
}

std::string TwoFrames() {
  FrameWriter writer(ClientKey());
  std::string bytes;
  writer.Append(FrameType::kRun, "first", bytes);
  writer.Append(FrameType::kInput, "second", bytes);
  return bytes;
}

TEST(WireTest, BringsFramesInTheirOrder) { EXPECT_EQ("first second ", Read(TwoFrames())); }

TEST(WireTest, WaitsForTheRestOfAFrame) {
  const std::string bytes = TwoFrames();
  FrameReader reader(ClientKey());
  std::size_t frames = 0;
  for (const char c : bytes) {
    reader.Feed({&c, 1});
    const auto frame = reader.Next();
    ASSERT_TRUE(frame);
    if (*frame) ++frames;
  }
  EXPECT_EQ(2U, frames);
}

TEST(WireTest, TakesNoChangedByte) {
  const std::string bytes = TwoFrames();
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    EXPECT_NE("first second ", Read(changed)) << at;
  }
}

TEST(WireTest, TakesNoFrameTwiceNorOneLess) {
  const std::string bytes = TwoFrames();
  const std::size_t first = kFrameHeaderBytes + 5 + kTagBytes;
  EXPECT_EQ("first a frame is not what the other side signed",
            Read(bytes.substr(0, first) + bytes));
  EXPECT_EQ("a frame is not what the other side signed", Read(bytes.substr(first)));
}

TEST(WireTest, TakesNothingOfAnotherConnectionKeyOrSide) {
  const Nonces other{.server = std::string(32, 'x'), .client = kNonces.client};
  for (const Digest& key :
       {FrameKeyOf(kKey, Side::kClient, other), FrameKeyOf(kKey, Side::kServer, kNonces),
        FrameKeyOf(std::string(64, 'j'), Side::kClient, kNonces)}) {
    EXPECT_EQ("a frame is not what the other side signed", Read(TwoFrames(), key));
  }
}

TEST(WireTest, BelievesNoLengthBeyondTheLimit) {
  EXPECT_EQ("a frame is too long", Read(std::string("\x01\xff\xff\xff\xff", 5)));
}

TEST(WireTest, KnowsNoOtherTypes) {
  FrameWriter writer(ClientKey());
  std::string bytes;
  writer.Append(static_cast<FrameType>(9), "?", bytes);
  EXPECT_EQ("a frame is of no known type", Read(bytes));
}

TEST(WireTest, NeverRecoversFromWhatNoPeerSends) {
  FrameReader reader(ClientKey());
  reader.Feed(std::string("\x01\xff\xff\xff\xff", 5));
  EXPECT_FALSE(reader.Next());
  reader.Feed(TwoFrames());
  EXPECT_FALSE(reader.Next());
}

// Else a server could be asked for the proof that a client owes.
TEST(WireTest, ProvesEachSideInItsOwnWay) {
  EXPECT_NE(ProofOf(kKey, Side::kClient, kNonces), ProofOf(kKey, Side::kServer, kNonces));
  EXPECT_NE(ProofOf(kKey, Side::kClient, kNonces), FrameKeyOf(kKey, Side::kClient, kNonces));
}

}  // namespace
}  // namespace ffdl::agent
