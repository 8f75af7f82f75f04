#include "test/e2e/harness/watch.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>

#include "test/e2e/harness/story_failure.h"

namespace ffdl::e2e {

Watch::Watch(const std::string& ns, const std::string& kind) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) throw StoryFailure("no pipe for kubectl get --watch");
  read_end_ = ends[0];
  kubectl_ =
      std::make_unique<ChildProcess>(Words{"kubectl", "get", kind, "--namespace", ns, "--watch",
                                           "--output-watch-events", "--output", "json"},
                                     ChildOptions{.out = ends[1], .err = STDERR_FILENO});
  close(ends[1]);
  reader_ = std::jthread([this] { Read(read_end_); });
}

Watch::~Watch() {
  kubectl_.reset();
  reader_ = {};
  close(read_end_);
}

std::optional<Change> Watch::WaitFor(const ChangePredicate& wanted, std::chrono::milliseconds limit,
                                     std::size_t from) const {
  const auto end = std::chrono::steady_clock::now() + limit;
  std::unique_lock lock(mutex_);
  while (true) {
    for (; from < changes_.size(); ++from) {
      if (wanted(changes_[from])) return changes_[from];
    }
    if (more_.wait_until(lock, end) == std::cv_status::timeout && from >= changes_.size()) {
      return std::nullopt;
    }
  }
}

std::vector<Change> Watch::All() const {
  const std::scoped_lock lock(mutex_);
  return changes_;
}

std::size_t Watch::size() const {
  const std::scoped_lock lock(mutex_);
  return changes_.size();
}

// kubectl writes one change a line.
void Watch::Read(int fd) {
  std::string rest;
  std::array<char, 65536> buffer{};
  while (true) {
    const ssize_t got = read(fd, buffer.data(), buffer.size());
    if (got <= 0) return;
    rest.append(buffer.data(), static_cast<std::size_t>(got));
    const auto now = std::chrono::steady_clock::now();
    for (std::size_t end = rest.find('\n'); end != std::string::npos; end = rest.find('\n')) {
      Json change = Json::parse(rest.substr(0, end), nullptr, /*allow_exceptions=*/false);
      rest.erase(0, end + 1);
      if (!change.is_object()) continue;
      const std::scoped_lock lock(mutex_);
      changes_.push_back({.type = TextAt(change, "/type"), .object = change["object"], .at = now});
    }
    more_.notify_all();
  }
}

}  // namespace ffdl::e2e
