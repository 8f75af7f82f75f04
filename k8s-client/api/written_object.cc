#include "k8s-client/api/written_object.h"

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>

#include "k8s-client/meta/managed_fields.h"

namespace ffdl::k8s {
namespace {

using Json = nlohmann::json;

// Looks at metadata.uid, metadata.resourceVersion and details.uid; returning false ends the parse.
// The names of the functions are those that nlohmann::json::sax_parse calls.
class
    Scanner {  // NOLINTBEGIN(readability-identifier-naming,readability-convert-member-functions-to-static)
 public:
  [[nodiscard]] WrittenObject Take() { return std::move(found_); }

  bool key(Json::string_t& name) {
    if (depth_ == 1) {
      in_metadata_ = name == "metadata";
      in_details_ = name == "details";
    }
    target_ = nullptr;
    if (depth_ != 2) return true;
    if ((in_metadata_ || in_details_) && name == "uid") target_ = &found_.uid;
    if (in_metadata_ && name == "resourceVersion") target_ = &found_.resource_version;
    return true;
  }
  bool string(Json::string_t& value) {
    if (target_ == nullptr) return true;
    *target_ = value;
    target_ = nullptr;
    return found_.uid.empty() || found_.resource_version.empty();
  }
  bool start_object(std::size_t) { return Enter(); }
  bool start_array(std::size_t) { return Enter(); }
  bool end_object() { return Leave(); }
  bool end_array() { return Leave(); }

  bool null() { return true; }
  bool boolean(bool) { return true; }
  bool number_integer(Json::number_integer_t) { return true; }
  bool number_unsigned(Json::number_unsigned_t) { return true; }
  bool number_float(Json::number_float_t, const Json::string_t&) { return true; }
  bool binary(Json::binary_t&) { return true; }
  bool parse_error(std::size_t, const std::string&, const Json::exception&) { return false; }

 private:
  bool Enter() {
    target_ = nullptr;
    ++depth_;
    return true;
  }
  bool Leave() {
    --depth_;
    return true;
  }

  WrittenObject found_;
  std::string* target_ = nullptr;
  int depth_ = 0;
  bool in_metadata_ = false;
  bool in_details_ = false;
};  // NOLINTEND(readability-identifier-naming,readability-convert-member-functions-to-static)

}  // namespace

WrittenObject ReadWrittenObject(std::string_view answer) {
  Scanner scanner;
  // In custom resources managedFields come before what is looked for.
  Json::sax_parse(WithoutManagedFields(answer), &scanner);
  return scanner.Take();
}

}  // namespace ffdl::k8s
