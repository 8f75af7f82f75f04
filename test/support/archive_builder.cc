#include "test/support/archive_builder.h"

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>
#include <sys/stat.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace ffdl::test {
namespace {

struct FreeEntry {
  void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};
using Entry = std::unique_ptr<archive_entry, FreeEntry>;

Entry MakeEntry(const std::string& name, unsigned type, unsigned mode) {
  Entry entry(archive_entry_new());
  archive_entry_update_pathname_utf8(entry.get(), name.c_str());
  archive_entry_set_filetype(entry.get(), type);
  archive_entry_set_perm(entry.get(), mode);
  archive_entry_set_uid(entry.get(), 4711);
  return entry;
}

// Names are UTF-8, and libarchive asks the locale for it.
class InUtf8 {
 public:
  InUtf8() : utf8_(newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)), before_(uselocale(utf8_)) {}
  ~InUtf8() {
    uselocale(before_);
    freelocale(utf8_);
  }
  InUtf8(const InUtf8&) = delete;
  InUtf8& operator=(const InUtf8&) = delete;

 private:
  const locale_t utf8_;
  const locale_t before_;
};

void Must(int status, archive* writer) {
  if (status < ARCHIVE_WARN) throw std::runtime_error(archive_error_string(writer));
}

la_ssize_t Append(archive*, void* out, const void* bytes, std::size_t count) {
  static_cast<std::string*>(out)->append(static_cast<const char*>(bytes), count);
  return static_cast<la_ssize_t>(count);
}

void AddFilter(archive* writer, ArchiveBuilder::Format format) {
  using enum ArchiveBuilder::Format;
  if (format == kTarGz) archive_write_add_filter_gzip(writer);
  if (format == kTarBz2) archive_write_add_filter_bzip2(writer);
  if (format == kTarXz) archive_write_add_filter_xz(writer);
  if (format == kTarZst) archive_write_add_filter_zstd(writer);
}

}  // namespace

void ArchiveBuilder::Free::operator()(archive* writer) const { archive_write_free(writer); }

ArchiveBuilder::ArchiveBuilder(Format format) : writer_(archive_write_new()) {
  if (format == Format::kZip) {
    archive_write_set_format_zip(writer_.get());
  } else {
    archive_write_set_format_pax_restricted(writer_.get());
  }
  AddFilter(writer_.get(), format);
  archive_write_set_bytes_in_last_block(writer_.get(), 1);
  Must(archive_write_open(writer_.get(), &bytes_, nullptr, &Append, nullptr), writer_.get());
}

ArchiveBuilder::~ArchiveBuilder() = default;

ArchiveBuilder& ArchiveBuilder::File(const std::string& name, const std::string& content,
                                     unsigned mode) {
  const InUtf8 utf8;
  const Entry entry = MakeEntry(name, AE_IFREG, mode);
  archive_entry_set_size(entry.get(), static_cast<la_int64_t>(content.size()));
  Must(archive_write_header(writer_.get(), entry.get()), writer_.get());
  archive_write_data(writer_.get(), content.data(), content.size());
  return *this;
}

ArchiveBuilder& ArchiveBuilder::Zeros(const std::string& name, std::int64_t bytes) {
  const Entry entry = MakeEntry(name, AE_IFREG, 0644);
  archive_entry_set_size(entry.get(), bytes);
  Must(archive_write_header(writer_.get(), entry.get()), writer_.get());
  const std::string zeros(1 << 20, '\0');
  for (std::int64_t left = bytes; left > 0; left -= static_cast<std::int64_t>(zeros.size())) {
    const auto count = std::min<std::int64_t>(left, static_cast<std::int64_t>(zeros.size()));
    archive_write_data(writer_.get(), zeros.data(), static_cast<std::size_t>(count));
  }
  return *this;
}

ArchiveBuilder& ArchiveBuilder::Folder(const std::string& name, unsigned mode) {
  const InUtf8 utf8;
  const Entry entry = MakeEntry(name, AE_IFDIR, mode);
  Must(archive_write_header(writer_.get(), entry.get()), writer_.get());
  return *this;
}

ArchiveBuilder& ArchiveBuilder::Link(const std::string& name, const std::string& target) {
  const InUtf8 utf8;
  const Entry entry = MakeEntry(name, AE_IFLNK, 0777);
  archive_entry_update_symlink_utf8(entry.get(), target.c_str());
  Must(archive_write_header(writer_.get(), entry.get()), writer_.get());
  return *this;
}

ArchiveBuilder& ArchiveBuilder::HardLink(const std::string& name, const std::string& first) {
  const InUtf8 utf8;
  const Entry entry = MakeEntry(name, AE_IFREG, 0644);
  archive_entry_update_hardlink_utf8(entry.get(), first.c_str());
  Must(archive_write_header(writer_.get(), entry.get()), writer_.get());
  return *this;
}

ArchiveBuilder& ArchiveBuilder::Fifo(const std::string& name) {
  const Entry entry = MakeEntry(name, AE_IFIFO, 0644);
  Must(archive_write_header(writer_.get(), entry.get()), writer_.get());
  return *this;
}

std::string ArchiveBuilder::Build() {
  const InUtf8 utf8;
  Must(archive_write_close(writer_.get()), writer_.get());
  return std::move(bytes_);
}

}  // namespace ffdl::test
