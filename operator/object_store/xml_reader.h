// For the other files of this folder only.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ffdl::object_store {

inline constexpr std::size_t kXmlTextBytesMax = 16384;  // of one element
inline constexpr std::size_t kXmlDepthMax = 16;

// Reads XML of any origin piece by piece, in bounded memory. No DTDs, hence no entities of its own.
class XmlReader {
 public:
  // `path` is "Root/Child/Grandchild".
  struct Events {
    std::function<void(const std::string& path)> opened;
    // `text` is what stood in the element behind its last child.
    std::function<void(const std::string& path, const std::string& text)> closed;
  };

  explicit XmlReader(Events events);
  ~XmlReader();
  XmlReader(const XmlReader&) = delete;
  XmlReader& operator=(const XmlReader&) = delete;

  // False when it is broken; then nothing more is read.
  bool Feed(std::string_view bytes);
  // That was all. False when it is not well-formed.
  bool Finish();
  // What is wrong; "" if nothing is so far.
  [[nodiscard]] const std::string& problem() const { return problem_; }

 private:
  struct Expat;
  bool Parse(std::string_view bytes, bool last);
  void Stop(std::string problem);

  const Events events_;
  const std::unique_ptr<Expat> expat_;
  std::string path_;
  std::vector<std::size_t> parents_;  // lengths of the paths around path_
  std::string text_;
  std::string problem_;
};

}  // namespace ffdl::object_store
