// What object stores and whoever put code there send to ffdl-agent.
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "operator/agent/code_tree.h"
#include "operator/agent/unpack.h"
#include "operator/object_store/answer.h"
#include "operator/object_store/list_page.h"
#include "test/fuzz/targets.h"

namespace ffdl::fuzz {
namespace {

namespace fs = std::filesystem;

bool Prints(std::string_view text) {
  return std::ranges::none_of(
      text, [](char c) { return (static_cast<unsigned char>(c) < 0x20) || c == '\x7f'; });
}

tl::expected<object_store::ListPage, std::string> ReadPage(std::string_view bytes,
                                                           std::size_t piece) {
  object_store::ListPageReader reader;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
    if (!reader.Feed(bytes.substr(0, piece))) break;
  }
  return reader.Finish();
}

// In memory where there is such a place: many runs make many files.
fs::path PlaceForFiles() {
  const fs::path memory = "/dev/shm";
  return fs::is_directory(memory) ? memory : fs::temp_directory_path();
}

// A folder that goes with the object, and in it one for what is unpacked.
class Ground {
 public:
  explicit Ground(std::string_view archive) {
    std::string path = (PlaceForFiles() / "ffdl-fuzz-XXXXXX").string();
    Require(mkdtemp(path.data()) != nullptr, "no temporary folder");
    path_ = path;
    fs::create_directory(to());
    std::ofstream(this->archive(), std::ios::binary) << archive;
  }
  ~Ground() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Ground(const Ground&) = delete;
  Ground& operator=(const Ground&) = delete;

  [[nodiscard]] std::string archive() const { return (path_ / "archive").string(); }
  [[nodiscard]] std::string to() const { return (path_ / "to").string(); }
  [[nodiscard]] auto entries() const {
    return std::distance(fs::directory_iterator(path_), fs::directory_iterator());
  }

 private:
  fs::path path_;
};

// Links are made as they were named, and stay inside whatever they lead to.
void RequireInside(const fs::path& to, const fs::path& link) {
  fs::path target = link.parent_path() / fs::read_symlink(link);
  const std::string plain = target.lexically_relative(to).lexically_normal().string();
  Require(!plain.starts_with("..") && !plain.starts_with('/'), "a link leads out");
}

}  // namespace

void ObjectListing(std::string_view bytes) {
  const auto whole = ReadPage(bytes, bytes.size() + 1);
  const auto pieces = ReadPage(bytes, 7);
  Require(whole.has_value() == pieces.has_value(), "pieces of a listing are read otherwise");
  if (!whole) return Require(!whole.error().empty(), "a problem without a name");
  Require(whole->objects.size() == pieces->objects.size() && whole->next == pieces->next,
          "pieces of a listing give another one");
  for (const object_store::Object& object : whole->objects) {
    Require(object.size >= 0, "an object of a size below zero");
    Require(Prints(object.etag) && object.etag.size() <= 256, "an etag that breaks a header");
  }
}

void ObjectStoreRefusal(std::string_view bytes) {
  for (const long status : {301L, 400L, 403L, 404L, 503L}) {
    const auto failure = object_store::FailureOf({.status = status, .body = std::string(bytes)},
                                                 "get 'a'", "us-east-1");
    Require(failure.has_value(), "a refusal is taken for success");
    Require(Prints(failure->error.message) && failure->error.message.size() < 1000,
            "a message that is no line");
    Require(Prints(failure->error.region), "a region that is no line");
  }
}

void CodeArchive(std::string_view bytes) {
  const Ground ground(bytes);
  agent::CodeTree tree;
  const auto unpacked = agent::Unpack(ground.archive(), ground.to(), tree);
  Require(ground.entries() == 2, "something was written outside");
  if (!unpacked) return Require(!unpacked.error().message.empty(), "a failure without a word");
  for (const std::string& name : tree.Files()) {
    const fs::path path = fs::path(ground.to()) / name;
    const fs::file_status status = fs::symlink_status(path);
    Require(fs::is_symlink(status) || fs::is_regular_file(status), "a file was not made");
    if (fs::is_symlink(status)) {
      RequireInside(ground.to(), path);
    } else {
      Require((status.permissions() & fs::perms{06022}) == fs::perms::none, "too much is allowed");
    }
  }
}

}  // namespace ffdl::fuzz
