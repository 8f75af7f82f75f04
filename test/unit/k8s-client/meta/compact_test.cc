#include "k8s-client/meta/compact.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "k8s-client/meta/compact_tables.h"
#include "k8s-client/meta/interner.h"

namespace ffdl::k8s {
namespace {

constexpr const char* kUid = "8f2e6a30-0d5c-4f0e-9a51-0c7f9f1b2d3e";

template <typename T>
std::string Pack(Interner& words, const T& value, std::string buffer = "") {
  CompactWriter(words, buffer).Value(value);
  return buffer;
}

template <typename T>
T RoundTrip(const T& value) {
  Interner words;
  const std::string bytes = Pack(words, value, "before");
  T read{};
  CompactReader(words, bytes, std::string("before").size()).Value(read);
  return read;
}

Time At(std::int64_t micros) { return Time(std::chrono::microseconds(micros)); }

// Every member differs from its default, so that a table that forgets one is found out.
ObjectMeta FullMeta() {
  return {.uid = kUid,
          .generation = 7,
          .creation_time = At(1'767'326'645'000'000),
          .deletion_time = At(1'767'326'645'123'456),
          .labels = {{"app", "bert"}, {"ffdl.io/job", "bert"}, {"empty", ""}},
          .annotations = {{"ffdl.io/note", "a longer text that repeats: a longer text"}},
          .owners = {{.api_version = "apps/v1",
                      .kind = "StatefulSet",
                      .name = "bert-learner",
                      .uid = kUid,
                      .controller = true},
                     {.uid = "not a uuid"}}};
}

ContainerEnd FullEnd() {
  return {.exit_code = -3,
          .signal = 9,
          .reason = "OOMKilled",
          .message = "the last lines",
          .finished_at = At(1)};
}

ContainerStatus FullStatus() {
  return {.name = "learner",
          .running = true,
          .ready = true,
          .started_at = At(-5'000'000),
          .waiting_reason = "ImagePullBackOff",
          .waiting_message = "Back-off pulling image",
          .terminated = FullEnd(),
          .last_terminated = FullEnd()};
}

TEST(CompactTest, KeepsEveryMemberOfEveryKind) {
  const Pod pod{.meta = FullMeta(),
                .node = "gpu-a-07",
                .phase = "Failed",
                .reason = "Evicted",
                .message = "The node was low on memory",
                .unscheduled_reason = "Unschedulable",
                .unscheduled_message = "0/3 nodes are available",
                .init_containers = {FullStatus(), {}},
                .containers = {FullStatus()}};
  EXPECT_EQ(pod, RoundTrip(pod));
  const StatefulSet set{
      .meta = FullMeta(), .replicas = 8, .template_labels = {{"ffdl.io/attempt", "2"}}};
  EXPECT_EQ(set, RoundTrip(set));
  const Service service{.meta = FullMeta()};
  EXPECT_EQ(service, RoundTrip(service));
  const Claim claim{.meta = FullMeta(), .phase = "Bound"};
  EXPECT_EQ(claim, RoundTrip(claim));
  const ConfigMap map{.meta = FullMeta(), .data = {{"pytorch.2.5.gpu", "pytorch/pytorch:2.5.1"}}};
  EXPECT_EQ(map, RoundTrip(map));
  const Condition condition{.type = "Ready",
                            .status = "False",
                            .reason = "LearnersStarting",
                            .message = "waiting for 2 learners to start",
                            .observed_generation = 4,
                            .last_transition = At(2'000'000)};
  EXPECT_EQ(condition, RoundTrip(condition));
}

TEST(CompactTest, KeepsDefaultsApartFromWhatIsSet) {
  EXPECT_EQ(Pod{}, RoundTrip(Pod{}));
  Pod epoch;
  epoch.meta.deletion_time = Time{};
  EXPECT_EQ(epoch, RoundTrip(epoch));
}

TEST(CompactTest, KeepsNumbersToTheirEnds) {
  for (const std::int64_t number :
       {std::int64_t{0}, std::int64_t{-1}, std::int64_t{63}, std::int64_t{64}, std::int64_t{-64},
        std::int64_t{-65}, std::numeric_limits<std::int64_t>::max(),
        std::numeric_limits<std::int64_t>::min()}) {
    ObjectMeta meta;
    meta.generation = number;
    EXPECT_EQ(number, RoundTrip(meta).generation);
  }
  for (const std::int64_t micros : {-1L, 1L, 999'999L, -1'000'001L, 253'402'300'799'999'999L}) {
    ObjectMeta meta;
    meta.creation_time = At(micros);
    EXPECT_EQ(At(micros), RoundTrip(meta).creation_time) << micros;
  }
}

TEST(CompactTest, KeepsUidsThatAreNoUuids) {
  for (const char* const uid :
       {"", "u1", "8F2E6A30-0D5C-4F0E-9A51-0C7F9F1B2D3E", "8f2e6a30-0d5c-4f0e-9a51-0c7f9f1b2d3",
        "8f2e6a3000d5c-4f0e-9a51-0c7f9f1b2d3e", "8f2e6a30-0d5c-4f0e-9a51-0c7f9f1b2d3g"}) {
    ObjectMeta meta;
    meta.uid = uid;
    EXPECT_EQ(uid, RoundTrip(meta).uid);
  }
}

TEST(CompactTest, KeepsTextOfAnyBytes) {
  for (const std::string& text :
       {std::string("\0\0\0\0\0", 5), std::string(100'000, 'x'), std::string("before"),
        std::string("bef"), std::string("\xff\xfe")}) {
    Claim claim;
    claim.meta.annotations["key"] = text;
    EXPECT_EQ(text, RoundTrip(claim).meta.annotations["key"]);
  }
}

TEST(CompactTest, GivesEqualBytesForEqualValuesEvenWhenNoWordFitsAnyMore) {
  Interner words;
  const Pod pod{.meta = FullMeta(), .phase = "Running"};
  const std::string first = Pack(words, pod);
  for (std::size_t i = 0; i < Interner::kWordsMax; ++i) {
    Claim claim;
    claim.phase = "word " + std::to_string(i);
    EXPECT_EQ(claim.phase, RoundTrip(claim).phase);
    Pack(words, claim);
  }
  EXPECT_EQ(Interner::kWordsMax, words.size());
  EXPECT_EQ(first, Pack(words, pod));
  Claim beyond;
  beyond.phase = "a word that came too late";
  const std::string bytes = Pack(words, beyond);
  Claim read;
  CompactReader(words, bytes, 0).Value(read);
  EXPECT_EQ(beyond, read);
  EXPECT_EQ(bytes, Pack(words, beyond));
}

TEST(CompactTest, WritesNamesThatStandBeforeOnlyOnce) {
  Interner words;
  Claim claim;
  claim.meta.labels["statefulset.kubernetes.io/pod-name"] = "bert-learner-0";
  const std::string name = "mlbert-learner-0";
  Pack(words, claim);  // the label's key becomes a word
  EXPECT_EQ(std::string::npos, Pack(words, claim, name).find("bert-learner-0", name.size()));
}

TEST(InternerTest, RefusesWordsThatAreTooLong) {
  Interner words;
  EXPECT_FALSE(words.NumberOf(std::string(Interner::kWordBytesMax + 1, 'x')));
  EXPECT_EQ(0U, words.size());
  EXPECT_EQ(words.NumberOf("a"), words.NumberOf("a"));
  EXPECT_NE(words.NumberOf("a"), words.NumberOf("b"));
  EXPECT_EQ("b", words.WordOf(*words.NumberOf("b")));
}

}  // namespace
}  // namespace ffdl::k8s
