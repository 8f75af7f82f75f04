#include "operator/agent/remote/wire.h"

#include <utility>

namespace ffdl::agent {
namespace {

std::string BigEndian(std::uint64_t number, unsigned bytes) {
  std::string text;
  for (unsigned shift = 8 * bytes; shift > 0; shift -= 8) {
    text += static_cast<char>(number >> (shift - 8U) & 0xffU);
  }
  return text;
}

std::size_t LengthIn(std::string_view header) {
  std::size_t length = 0;
  for (const char c : header.substr(1, 4)) length = length << 8U | static_cast<unsigned char>(c);
  return length;
}

Digest Derive(std::string_view key, std::string_view purpose, Side side, const Nonces& nonces) {
  std::string message(purpose);
  message += side == Side::kServer ? " server " : " client ";
  message.append(nonces.server).append(nonces.client);
  return HmacSha256(key, message);
}

std::string TagOf(const Digest& key, std::uint64_t count, std::string_view frame) {
  const Digest digest = HmacSha256(AsText(key), BigEndian(count, 8).append(frame));
  return std::string(AsText(digest).substr(0, kTagBytes));
}

bool IsKnown(std::uint8_t type) {
  return type >= static_cast<std::uint8_t>(FrameType::kRun) &&
         type <= static_cast<std::uint8_t>(FrameType::kRefused);
}

}  // namespace

Digest ProofOf(std::string_view key, Side side, const Nonces& nonces) {
  return Derive(key, "proof", side, nonces);
}

Digest FrameKeyOf(std::string_view key, Side side, const Nonces& nonces) {
  return Derive(key, "frames", side, nonces);
}

void FrameWriter::Append(FrameType type, std::string_view payload, std::string& to) {
  std::string frame(1, static_cast<char>(type));
  frame.append(BigEndian(payload.size(), 4)).append(payload);
  to.append(frame).append(TagOf(key_, count_++, frame));
}

Result<std::optional<Frame>> FrameReader::Next() {
  const auto broken = [this](const char* why) -> Result<std::optional<Frame>> {
    broken_ = true;
    return tl::unexpected(Error{why});
  };
  if (broken_) return broken("the connection is broken");
  if (buffer_.size() < kFrameHeaderBytes) return std::nullopt;
  const std::size_t length = LengthIn(buffer_);
  // Before the rest of it has come: nothing grows by what a length says.
  if (length > kPayloadBytesMax) return broken("a frame is too long");
  const std::size_t signed_bytes = kFrameHeaderBytes + length;
  if (buffer_.size() < signed_bytes + kTagBytes) return std::nullopt;
  const std::string_view bytes(buffer_);
  if (!IsSame(TagOf(key_, count_, bytes.substr(0, signed_bytes)),
              bytes.substr(signed_bytes, kTagBytes))) {
    return broken("a frame is not what the other side signed");
  }
  if (!IsKnown(static_cast<std::uint8_t>(bytes[0]))) return broken("a frame is of no known type");
  Frame frame{.type = static_cast<FrameType>(bytes[0]),
              .payload = std::string(bytes.substr(kFrameHeaderBytes, length))};
  buffer_.erase(0, signed_bytes + kTagBytes);
  ++count_;
  return std::optional<Frame>(std::move(frame));
}

}  // namespace ffdl::agent
