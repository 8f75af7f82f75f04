#include "operator/agent/fetch.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstddef>
#include <utility>
#include <vector>

#include "operator/agent/code.h"
#include "operator/agent/code_tree.h"
#include "operator/agent/fetch_access.h"
#include "operator/agent/fetch_failure.h"
#include "operator/agent/fetch_progress.h"
#include "operator/agent/files.h"
#include "operator/agent/staging.h"
#include "operator/agent/unpack.h"
#include "operator/object_store/client.h"

namespace ffdl::agent {
namespace {

using object_store::Client;
using object_store::Download;
using object_store::ErrorKind;
using object_store::Listing;
using object_store::Object;
using Clock = FetchProgress::Clock;

// How often a folder is listed because its objects changed while they were read.
constexpr int kLooksMax = 3;

// What one fetch works with.
struct Job {
  const FetchOptions& options;
  const Say& say;
  Client& client;
  Staging& staging;
  CodeTree tree;
};

tl::unexpected<Termination> Local(const Error& error) { return tl::unexpected(FilesFailed(error)); }

tl::unexpected<Termination> Refused(const Job& job, const std::string& what) {
  return tl::unexpected(
      CodeInvalid("the code in " + SourceOf(job.options) + " cannot be used: " + what +
                  (job.options.key ? "; correct the object"
                                   : "; correct what is there, or name the folder that is needed "
                                     "in `spec.code.objectStore.prefix`")));
}

tl::expected<void, Termination> SetMode(const std::string& path) {
  const Result<std::string> start = ReadFile(path, 2);
  if (!start) return Local(start.error());
  if (chmod(path.c_str(), CodeMode(*start, /*executable=*/false)) == 0) return {};
  return Local(FailWith("write", path, errno).value());
}

object_store::Result<void> Get(Job& job, const std::vector<Download>& downloads) {
  FetchProgress progress(job.say, Clock::now());
  return job.client.Get(downloads, [&](const object_store::Progress& so_far) {
    progress.Update(so_far.bytes, so_far.total, Clock::now());
  });
}

// The listed objects that are files; the tree receives their names.
tl::expected<std::vector<Object>, Termination> FilesOf(Job& job, Listing listing) {
  const std::string folder = FolderOf(job.options);
  std::vector<Object> files;
  if (listing.more) {
    return Refused(job, std::string(kTooManyEntries));
  }
  for (Object& object : listing.objects) {
    if (object.key.ends_with('/')) continue;  // how consoles mark a folder
    if (!object.key.starts_with(folder)) {
      return Refused(job, "the listing has '" + object.key + "', which is elsewhere");
    }
    Result<void> added = job.tree.AddFile(object.key.substr(folder.size()));
    if (added) added = job.tree.AddBytes(object.size);
    if (!added) return Refused(job, added.error().message);
    files.push_back(std::move(object));
  }
  if (files.empty()) return tl::unexpected(NoCode(job.options, ""));
  return files;
}

std::vector<Download> DownloadsOf(const Job& job, const std::vector<Object>& files) {
  const std::size_t folder = FolderOf(job.options).size();
  std::vector<Download> downloads;
  downloads.reserve(files.size());
  for (const Object& file : files) {
    downloads.push_back({.key = file.key,
                         .etag = file.etag,
                         .size = file.size,
                         .part = job.staging.Part(downloads.size()),
                         .to = job.staging.code() + "/" + file.key.substr(folder)});
  }
  return downloads;
}

// The listing is out of date.
bool IsStale(const object_store::Error& error) {
  return error.kind == ErrorKind::kChanged ||
         (error.kind == ErrorKind::kMissing && error.code == "NoSuchKey");
}

// False when what was listed has changed since.
tl::expected<bool, Termination> LookOnce(Job& job, bool last) {
  job.tree = CodeTree();
  object_store::Result<Listing> listing =
      job.client.List(FolderOf(job.options), static_cast<std::size_t>(kCodeEntriesMax));
  if (!listing) return tl::unexpected(StoreFailed(listing.error(), job.options));
  const auto files = FilesOf(job, std::move(*listing));
  if (!files) return tl::unexpected(files.error());
  if (const auto made = job.staging.MakeFolders(job.tree); !made) return Local(made.error());
  const std::vector<Download> downloads = DownloadsOf(job, *files);
  if (const auto got = Get(job, downloads); !got) {
    if (IsStale(got.error()) && !last) return false;
    return tl::unexpected(StoreFailed(got.error(), job.options));
  }
  for (const Download& download : downloads) {
    if (const auto set = SetMode(download.to); !set) return tl::unexpected(set.error());
  }
  return true;
}

tl::expected<void, Termination> BringFolder(Job& job) {
  for (int look = 1;; ++look) {
    const auto good = LookOnce(job, look == kLooksMax);
    if (!good) return tl::unexpected(good.error());
    if (*good) return {};
    job.say("objects changed while they were read; listing them again");
  }
}

tl::expected<void, Termination> UnpackObject(Job& job, const std::string& archive) {
  auto unpacked = Unpack(archive, job.staging.code(), job.tree);
  if (!unpacked && unpacked.error().reason == reason::kCodeInvalid) {
    return Refused(job, unpacked.error().message);
  }
  if (unpacked && job.tree.Files().empty()) return Refused(job, "there is no file in it");
  return unpacked;
}

tl::expected<void, Termination> BringObject(Job& job) {
  const std::string& key = *job.options.key;
  const std::string name = key.substr(key.rfind('/') + 1);
  const bool is_archive = IsArchive(name);
  if (const Result<void> added = is_archive ? Result<void>() : job.tree.AddFile(name); !added) {
    return Refused(job, added.error().message);
  }
  const std::string to =
      is_archive ? job.staging.Part(1) : job.staging.code().append("/").append(name);
  const Download download{
      .key = key, .bytes_max = kCodeBytesMax, .part = job.staging.Part(0), .to = to};
  if (const auto got = Get(job, {download}); !got) {
    return tl::unexpected(StoreFailed(got.error(), job.options));
  }
  if (is_archive) return UnpackObject(job, to);
  struct stat status {};
  if (stat(to.c_str(), &status) == 0) (void)job.tree.AddBytes(status.st_size);
  return SetMode(to);
}

}  // namespace

std::string FolderOf(const FetchOptions& options) {
  std::string folder = options.prefix.value_or("");
  if (!folder.empty() && !folder.ends_with('/')) folder += '/';
  return folder;
}

tl::expected<Fetched, Termination> Fetch(const FetchOptions& options, const Say& say) {
  const Clock::time_point start = Clock::now();
  const auto access = AccessOf(options);
  if (!access) return tl::unexpected(access.error());
  if (const auto made = MakeDirectories(options.to, 0777); !made) return Local(made.error());
  Result<Staging> staging = Staging::Open(options.to);
  if (!staging) return Local(staging.error());
  say("fetching " + SourceOf(options) + " into " + options.to);
  Client client(*access);
  Job job{
      .options = options, .say = say, .client = client, .staging = *staging, .tree = CodeTree()};
  const auto brought = options.key ? BringObject(job) : BringFolder(job);
  if (!brought) return tl::unexpected(brought.error());
  if (const auto moved = staging->MoveIntoPlace(job.tree); !moved) return Local(moved.error());
  const Fetched fetched{.files = static_cast<int>(job.tree.Files().size()),
                        .bytes = job.tree.bytes()};
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - start);
  say("fetched " + std::to_string(fetched.files) + " files, " + MebibytesOf(fetched.bytes) +
      ", in " + std::to_string(seconds.count()) + " s");
  return fetched;
}

}  // namespace ffdl::agent
