// Everything that reads bytes from outside, each as a function that takes any bytes and throws a
// BrokenPromise when one is broken. libFuzzer calls them (libfuzzer_main.cc), and so does an
// ordinary test over the corpora (corpus_test.cc).
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace ffdl::fuzz {

struct Target {
  std::string name;  // and the folder of its corpus
  void (*run)(std::string_view bytes);
};

[[nodiscard]] const std::vector<Target>& Targets();

// The only exception of this folder: libFuzzer takes it for a crash, and a test can tell the input.
struct BrokenPromise : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Throws unless `holds`.
void Require(bool holds, const char* what);

// Learners of one job
void RemoteShell(std::string_view bytes);

// Object stores
void ObjectListing(std::string_view bytes);
void ObjectStoreRefusal(std::string_view bytes);
void CodeArchive(std::string_view bytes);

// Readers of watches and lists
void WatchFramer(std::string_view bytes);
void ListPage(std::string_view bytes);
void PodReader(std::string_view bytes);
void StatefulSetReader(std::string_view bytes);
void ServiceReader(std::string_view bytes);
void ClaimReader(std::string_view bytes);
void ConfigMapReader(std::string_view bytes);  // and the catalogue of frameworks in it
void TrainingJobReader(std::string_view bytes);

// Answers and files
void StatusDecoder(std::string_view bytes);
void LeaseRecord(std::string_view bytes);
void KubeconfigMerge(std::string_view bytes);
void ExecOutput(std::string_view bytes);
void TerminationReport(std::string_view bytes);

// Words
void Rfc3339(std::string_view bytes);
void ResourceVersion(std::string_view bytes);
void LabelSelector(std::string_view bytes);
void UrlEncoding(std::string_view bytes);

}  // namespace ffdl::fuzz
