// How reading an object store can fail.
#pragma once

#include <string>
#include <tl/expected.hpp>

namespace ffdl::object_store {

enum class ErrorKind {
  kMissing,      // no such bucket, no such object
  kDenied,       // the credentials are wrong, or may not do this
  kWrongRegion,  // the bucket is in another region than requests are signed for
  kChanged,      // the object is another one than the listing said
  kTooLarge,     // more than the caller wants
  kInvalid,      // not an answer of an object store
  kUntrusted,    // its certificate is of no authority that we trust
  kUnavailable,  // no connection, or overloaded; after all tries
  kLocal,        // a file here could not be written
};

struct Error {
  ErrorKind kind;
  std::string request;  // what was attempted: "get 'mnist/train.py' of bucket 'ml'"
  std::string message;  // what was wrong, with the server's own words; never a secret
  std::string code;     // the server's word for it, "NoSuchBucket"; "" if it said none
  std::string region;   // where the bucket is, if kWrongRegion
};

template <typename T>
using Result = tl::expected<T, Error>;

}  // namespace ffdl::object_store
