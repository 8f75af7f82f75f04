#include "operator/agent/unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <locale.h>  // NOLINT(modernize-deprecated-headers): newlocale
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <optional>

#include "operator/agent/code.h"
#include "operator/agent/fetch_failure.h"
#include "operator/agent/files.h"

namespace ffdl::agent {
namespace {

using Done = tl::expected<void, Termination>;

constexpr std::size_t kPieceBytes = 65536;
constexpr mode_t kFolderMode = 0777;
constexpr mode_t kAnyExecutable = 0111;

struct Free {
  void operator()(archive* reader) const { archive_read_free(reader); }
};
using Reader = std::unique_ptr<archive, Free>;

// libarchive asks the locale of the thread how names are written, and drops those that it has no
// way to write.
class InUtf8 {
 public:
  InUtf8() : utf8_(newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)), before_(uselocale(utf8_)) {}
  ~InUtf8() {
    uselocale(before_);
    if (utf8_ != nullptr) freelocale(utf8_);
  }
  InUtf8(const InUtf8&) = delete;
  InUtf8& operator=(const InUtf8&) = delete;

 private:
  const locale_t utf8_;  // null on a system without it
  const locale_t before_;
};

tl::unexpected<Termination> Invalid(const Error& error) {
  return tl::unexpected(CodeInvalid(error.message));
}

tl::unexpected<Termination> Local(const Error& error) { return tl::unexpected(FilesFailed(error)); }

tl::unexpected<Termination> Broken(archive& reader) {
  const char* const text = archive_error_string(&reader);
  return Invalid({.message = std::string("it cannot be unpacked: ") +
                             (text != nullptr ? text : "broken archive")});
}

Reader MakeReader() {
  Reader reader(archive_read_new());
  archive_read_support_filter_gzip(reader.get());
  archive_read_support_filter_bzip2(reader.get());
  archive_read_support_filter_xz(reader.get());
  archive_read_support_filter_zstd(reader.get());
  archive_read_support_format_tar(reader.get());
  // By its directory, at its end: only there is what is executable.
  archive_read_support_format_zip_seekable(reader.get());
  return reader;
}

// The name of an entry without what says nothing: "./a/" is "a". "" for the folder itself.
std::string Plain(std::string_view name) {
  while (name.starts_with("./")) {
    name.remove_prefix(1);
    while (name.starts_with('/')) name.remove_prefix(1);
  }
  while (name.size() > 1 && name.ends_with('/')) name.remove_suffix(1);
  return name == "." ? "" : std::string(name);
}

// In UTF-8 if it can be written so, else as it is.
template <typename Get>
std::optional<std::string> TextOf(archive_entry& entry, Get utf8, Get bytes) {
  const char* text = utf8(&entry);
  if (text == nullptr) text = bytes(&entry);
  return text == nullptr ? std::nullopt : std::optional<std::string>(text);
}

class Unpacking {
 public:
  Unpacking(archive& reader, const std::string& to, CodeTree& tree)
      : reader_(reader), to_(to + "/"), tree_(tree) {}

  Done Run() {
    archive_entry* entry = nullptr;
    for (int entries = 0;; ++entries) {
      const int status = archive_read_next_header(&reader_, &entry);
      if (status == ARCHIVE_EOF) return {};
      if (status != ARCHIVE_OK && status != ARCHIVE_WARN) return Broken(reader_);
      if (entries == kCodeEntriesMax) {
        return Invalid({.message = std::string(kTooManyEntries)});
      }
      if (Done unpacked = UnpackEntry(*entry); !unpacked) return unpacked;
    }
  }

 private:
  Done UnpackEntry(archive_entry& entry) {
    const auto raw = TextOf(entry, &archive_entry_pathname_utf8, &archive_entry_pathname);
    if (!raw) return Invalid({.message = "it has an entry whose name cannot be read"});
    const std::string name = Plain(*raw);
    if (name.empty()) return {};
    if (const auto first = TextOf(entry, &archive_entry_hardlink_utf8, &archive_entry_hardlink)) {
      return MakeHardLink(name, Plain(*first));
    }
    switch (archive_entry_filetype(&entry)) {
      case AE_IFREG:
        return MakeFile(name, entry);
      case AE_IFDIR:
        return MakeFolder(name);
      case AE_IFLNK:
        return MakeLink(name, entry);
      default:
        return PassOver(entry);
    }
  }

  Done PassOver(archive_entry& entry) {
    const Result<void> counted =
        tree_.AddBytes(std::max<la_int64_t>(archive_entry_size(&entry), 0));
    return counted ? Done() : Done(Invalid(counted.error()));
  }

  Done MakeFolder(const std::string& name) {
    if (const Result<void> added = tree_.AddFolder(name); !added) return Invalid(added.error());
    const Result<void> made = MakeDirectories(to_ + name, kFolderMode);
    return made ? Done() : Done(Local(made.error()));
  }

  // The tree has said that `name` is safe.
  Done MakeParent(const std::string& name) {
    const std::size_t slash = name.rfind('/');
    if (slash == std::string::npos) return {};
    const Result<void> made = MakeDirectories(to_ + name.substr(0, slash), kFolderMode);
    return made ? Done() : Done(Local(made.error()));
  }

  Done MakeLink(const std::string& name, archive_entry& entry) {
    const auto target = TextOf(entry, &archive_entry_symlink_utf8, &archive_entry_symlink);
    const Result<void> added = tree_.AddLink(name, target.value_or(""));
    if (!added) return Invalid(added.error());
    if (Done made = MakeParent(name); !made) return made;
    const std::string path = to_ + name;
    if (symlink(target->c_str(), path.c_str()) == 0) return {};
    return Local(FailWith("create", path, errno).value());
  }

  Done MakeHardLink(const std::string& name, const std::string& first) {
    if (!tree_.HasFile(first)) {
      return Invalid({.message = "'" + name + "' is a link to '" + first +
                                 "', which is no file before it in the archive"});
    }
    if (const Result<void> added = tree_.AddFile(name); !added) return Invalid(added.error());
    if (Done made = MakeParent(name); !made) return made;
    const std::string path = to_ + name;
    if (link((to_ + first).c_str(), path.c_str()) == 0) return {};
    return Local(FailWith("create", path, errno).value());
  }

  Done MakeFile(const std::string& name, archive_entry& entry) {
    if (const Result<void> added = tree_.AddFile(name); !added) return Invalid(added.error());
    if (const Result<void> fits = tree_.CheckBytes(archive_entry_size(&entry)); !fits) {
      return Invalid(fits.error());
    }
    if (Done made = MakeParent(name); !made) return made;
    const std::string path = to_ + name;
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg)
    const Fd file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!file.valid()) return Local(FailWith("create", path, errno).value());
    const bool executable = (archive_entry_perm(&entry) & kAnyExecutable) != 0;
    return Fill(file.get(), path, executable);
  }

  Done Fill(int file, const std::string& path, bool executable) {
    std::string start;
    while (true) {
      const la_ssize_t count = archive_read_data(&reader_, piece_.data(), piece_.size());
      if (count < 0) return Broken(reader_);
      if (count == 0) break;
      const std::string_view bytes(piece_.data(), static_cast<std::size_t>(count));
      if (start.size() < 2) start += bytes.substr(0, 2);
      if (const Result<void> fits = tree_.AddBytes(count); !fits) return Invalid(fits.error());
      if (const int error = WriteAll(file, bytes); error != 0) {
        return Local(FailWith("write", path, error).value());
      }
    }
    if (fchmod(file, CodeMode(start, executable)) == 0) return {};
    return Local(FailWith("write", path, errno).value());
  }

  archive& reader_;
  const std::string to_;
  CodeTree& tree_;
  std::array<char, kPieceBytes> piece_{};
};

}  // namespace

bool IsArchive(std::string_view name) {
  constexpr std::array<std::string_view, 7> kEndings{".zip",     ".tar",    ".tar.gz", ".tgz",
                                                     ".tar.bz2", ".tar.xz", ".tar.zst"};
  return std::ranges::any_of(kEndings, [&](std::string_view end) { return name.ends_with(end); });
}

Done Unpack(const std::string& archive, const std::string& to, CodeTree& tree) {
  const InUtf8 utf8;
  const Reader reader = MakeReader();
  if (archive_read_open_filename(reader.get(), archive.c_str(), kPieceBytes) != ARCHIVE_OK) {
    return Broken(*reader);
  }
  const auto unpacking = std::make_unique<Unpacking>(*reader, to, tree);
  return unpacking->Run();
}

}  // namespace ffdl::agent
