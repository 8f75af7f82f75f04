// The bytes between two learners of a job, of which one has the other run a command: a greeting in
// which each proves that it knows the job's key, then frames. docs/security.md tells what that is
// good for.
//
//   server  kMagic, nonce (32)                          who connects learns no more than that
//   client  nonce (32), proof (32)
//   server  proof (32)
//   both    type (1), length (4, big endian), payload, tag (16), and again
//
// Proofs and keys of frames are HMACs of both nonces, so nothing that was heard once is worth
// anything in another connection; tags count their frames, so none can be left out, sent twice or
// changed. Nothing is encrypted, as nothing is in what MPI itself sends.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "operator/agent/remote/sha256.h"
#include "operator/agent/result.h"

namespace ffdl::agent {

inline constexpr std::string_view kMagic = "FFDLRSH1";
inline constexpr std::size_t kNonceBytes = 32;
inline constexpr std::size_t kProofBytes = 32;
inline constexpr std::size_t kTagBytes = 16;
inline constexpr std::size_t kFrameHeaderBytes = 5;
// Of a payload. The kernel takes no longer argument than this, so no longer command.
inline constexpr std::size_t kPayloadBytesMax = std::size_t{128} << 10U;

enum class Side : std::uint8_t { kServer, kClient };

struct Nonces {
  std::string server;
  std::string client;
};

// What one side sends to prove that it knows the key, and what its frames are signed with.
[[nodiscard]] Digest ProofOf(std::string_view key, Side side, const Nonces& nonces);
[[nodiscard]] Digest FrameKeyOf(std::string_view key, Side side, const Nonces& nonces);

enum class FrameType : std::uint8_t {
  kRun = 1,       // client: the command, for a shell
  kInput = 2,     // client: bytes for its standard input
  kInputEnd = 3,  // client
  kSignal = 4,    // client: one byte
  kOutput = 5,    // server
  kError = 6,     // server: bytes of its standard error
  kEnded = 7,     // server: one byte, the exit code; the last frame
  kRefused = 8,   // server: why nothing was started; the last frame
};

struct Frame {
  FrameType type = FrameType::kRun;
  std::string payload;
};

// Signs what one side sends.
class FrameWriter {
 public:
  explicit FrameWriter(const Digest& key) : key_(key) {}

  // Appends the frame; `payload` has at most kPayloadBytesMax bytes.
  void Append(FrameType type, std::string_view payload, std::string& to);

 private:
  Digest key_;
  std::uint64_t count_ = 0;
};

// Checks what the other side sent.
class FrameReader {
 public:
  explicit FrameReader(const Digest& key) : key_(key) {}

  void Feed(std::string_view bytes) { buffer_.append(bytes); }
  // The next whole frame; an error, and then nothing but errors, for what no peer sends.
  [[nodiscard]] Result<std::optional<Frame>> Next();

 private:
  Digest key_;
  std::uint64_t count_ = 0;
  std::string buffer_;
  bool broken_ = false;
};

}  // namespace ffdl::agent
