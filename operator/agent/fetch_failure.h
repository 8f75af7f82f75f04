// What a failed fetch tells the user: one sentence that says what to do.
#pragma once

#include <string>

#include "operator/agent/result.h"
#include "operator/agent/termination.h"
#include "operator/object_store/result.h"

namespace ffdl::agent {

struct FetchOptions;

// A file of ours could not be read or written.
[[nodiscard]] Termination FilesFailed(const Error& error);

// What is there cannot be the code.
[[nodiscard]] Termination CodeInvalid(std::string message);

// Nothing is where the code should be.
[[nodiscard]] Termination NoCode(const FetchOptions& options, const std::string& server_said);

// The Secret is not there or lacks `keys`.
[[nodiscard]] Termination NoCredentials(const FetchOptions& options, const std::string& keys);

[[nodiscard]] Termination StoreFailed(const object_store::Error& error,
                                      const FetchOptions& options);

// "'mnist/' of bucket 'ml' at https://s3.example": what is to be fetched.
[[nodiscard]] std::string SourceOf(const FetchOptions& options);

}  // namespace ffdl::agent
