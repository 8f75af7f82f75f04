// What learners of an MPI job say to each other, and what remote shells are called with.
#include <algorithm>
#include <string>
#include <vector>

#include "operator/agent/remote/mpi.h"
#include "operator/agent/remote/shell_call.h"
#include "operator/agent/remote/wire.h"
#include "test/fuzz/targets.h"

namespace ffdl::fuzz {
namespace {

using namespace agent;

const Digest kKey = HmacSha256("key", "frames");

// Whatever comes, it is no frame unless somebody signed it.
void UnsignedBytes(std::string_view bytes) {
  FrameReader reader(kKey);
  reader.Feed(bytes);
  const auto frame = reader.Next();
  Require(!frame || !*frame, "a frame that nobody signed");
}

// Frames made of the bytes arrive as they were sent, however they are cut; one that was changed on
// its way does not arrive, and nothing behind it.
void SignedFrames(std::string_view bytes) {
  const auto type = static_cast<FrameType>(1 + static_cast<unsigned char>(bytes[0]) % 8);
  const std::size_t cut = 1 + static_cast<unsigned char>(bytes[1]);
  const std::string_view payload = bytes.substr(2, kPayloadBytesMax);
  FrameWriter writer(kKey);
  std::string sent;
  writer.Append(type, payload, sent);
  writer.Append(type, payload, sent);

  FrameReader reader(kKey);
  std::size_t arrived = 0;
  for (std::string_view left = sent; !left.empty();) {
    reader.Feed(left.substr(0, cut));
    left.remove_prefix(std::min(cut, left.size()));
    for (auto frame = reader.Next(); frame && *frame; frame = reader.Next()) {
      Require((*frame)->type == type && (*frame)->payload == payload, "a frame was changed");
      ++arrived;
    }
  }
  Require(arrived == 2, "a frame was lost");

  sent[cut % sent.size()] = static_cast<char>(sent[cut % sent.size()] ^ 0x10);
  FrameReader wary(kKey);
  wary.Feed(sent);
  const auto first = wary.Next();
  const auto second = wary.Next();
  Require(!(first && *first && second && *second), "a changed frame arrived");
}

// Words between NULs, as the kernel hands them over.
void Calls(std::string_view bytes) {
  std::vector<std::string> words(1);
  for (const char c : bytes) {
    if (c == '\0') {
      words.emplace_back();
    } else {
      words.back() += c;
    }
  }
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  const auto call = ReadShellCall(pointers);
  Require(!call || (!call->host.empty() && !call->command.empty()),
          "a call without host or command");
}

}  // namespace

void RemoteShell(std::string_view bytes) {
  UnsignedBytes(bytes);
  if (bytes.size() >= 2) SignedFrames(bytes);
  Calls(bytes);
  for (const MpiHost& host : MpiHostsIn(bytes))
    Require(!host.name.empty(), "a host without a name");
}

}  // namespace ffdl::fuzz
