#include "k8s-client/runtime/event_recorder.h"

#include <gtest/gtest.h>

#include <string>

#include "test/support/fake_transport.h"
#include "test/support/virtual_time.h"

namespace ffdl::k8s {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using test::FakeTransport;

const ObjectReference kJob{"ffdl.io/v1", "TrainingJob", {"ml", "bert"}, "job-uid"};
const std::string kEvents = "POST /apis/events.k8s.io/v1/namespaces/ml/events";

PendingEvent Started(const std::string& note = "learners started") {
  return {.reason = "Started", .action = "StartLearners", .note = note};
}

class EventRecorderTest : public testing::Test {
 protected:
  EventRecorderTest() {
    transport_.server = [this](const HttpRequest& request) { return server_(request); };
  }
  [[nodiscard]] json Body(std::size_t request) const {
    return json::parse(transport_.requests.at(request).body);
  }
  [[nodiscard]] bool Dropped(int count) const {
    return metrics_.Text().find("operator_events_dropped_total " + std::to_string(count) + "\n") !=
           std::string::npos;
  }

  test::VirtualTime time_;
  Random random_{1};
  Metrics metrics_;
  FakeTransport transport_{time_};
  test::ScriptedServer server_;
  EventRecorder recorder_{{.controller = "ffdl.io/operator", .instance = "operator-0"},
                          transport_,
                          {.clock = time_, .random = random_, .metrics = metrics_}};
};

TEST_F(EventRecorderTest, WritesAnEventOfEventsK8sIo) {
  recorder_.Record(kJob, Started());
  time_.RunFor(999ms);
  EXPECT_TRUE(transport_.requests.empty());
  time_.RunFor(1ms);
  ASSERT_EQ(1U, transport_.requests.size());
  EXPECT_EQ(kEvents, test::Route(transport_.requests[0]));
  json event = Body(0);
  const std::string name = event["metadata"]["name"];
  EXPECT_EQ(0U, name.find("bert."));
  event["metadata"].erase("name");
  EXPECT_EQ((json{{"apiVersion", "events.k8s.io/v1"},
                  {"kind", "Event"},
                  {"metadata", {{"namespace", "ml"}}},
                  {"eventTime", "2026-01-02T01:00:00.000000Z"},
                  {"reportingController", "ffdl.io/operator"},
                  {"reportingInstance", "operator-0"},
                  {"type", "Normal"},
                  {"reason", "Started"},
                  {"action", "StartLearners"},
                  {"note", "learners started"},
                  {"regarding",
                   {{"apiVersion", "ffdl.io/v1"},
                    {"kind", "TrainingJob"},
                    {"namespace", "ml"},
                    {"name", "bert"},
                    {"uid", "job-uid"}}}}),
            event);
}

TEST_F(EventRecorderTest, NamesEventsInTheOrderInWhichTheyCome) {
  constexpr int kEventCount = 10;
  for (int i = 0; i < kEventCount; ++i) {
    recorder_.Record(kJob, Started("learner " + std::to_string(i)));
    time_.RunFor(2s);
  }
  ASSERT_EQ(static_cast<std::size_t>(kEventCount), transport_.requests.size());
  for (std::size_t i = 1; i < kEventCount; ++i) {
    EXPECT_LT(Body(i - 1)["metadata"]["name"], Body(i)["metadata"]["name"]);
  }
}

TEST_F(EventRecorderTest, TellsWhatComesWithinASecondAsOne) {
  for (int i = 0; i < 5; ++i) recorder_.Record(kJob, Started());
  time_.RunFor(2s);
  ASSERT_EQ(1U, transport_.requests.size());
  EXPECT_EQ((json{{"count", 5}, {"lastObservedTime", "2026-01-02T01:00:00.000000Z"}}),
            Body(0)["series"]);
}

TEST_F(EventRecorderTest, CountsIdenticalEventsInOneSeriesAndClosesItAfterSilence) {
  recorder_.Record(kJob, Started());
  time_.RunFor(2s);
  for (int i = 0; i < 2; ++i) recorder_.Record(kJob, Started());
  time_.RunFor(5min);
  EXPECT_EQ(1U, transport_.requests.size()) << "repeats wait";
  time_.RunFor(3min);
  ASSERT_EQ(2U, transport_.requests.size());
  const std::string name = Body(0)["metadata"]["name"];
  EXPECT_EQ("PATCH /apis/events.k8s.io/v1/namespaces/ml/events/" + name,
            test::Route(transport_.requests[1]));
  EXPECT_EQ((json{{"series", {{"count", 3}, {"lastObservedTime", "2026-01-02T01:00:02.000000Z"}}}}),
            Body(1));
  recorder_.Record(kJob, Started());
  time_.RunFor(2s);
  ASSERT_EQ(3U, transport_.requests.size());
  EXPECT_EQ("POST", transport_.requests[2].method);
  EXPECT_NE(name, Body(2)["metadata"]["name"]);
}

TEST_F(EventRecorderTest, TellsASeriesAnewEvery30Minutes) {
  for (int minute = 0; minute < 95; ++minute) {
    recorder_.Record(kJob, Started());
    time_.RunFor(1min);
  }
  EXPECT_EQ(4U, transport_.requests.size());  // one create, then after 30, 60 and 90 minutes
  EXPECT_EQ("PATCH", transport_.requests[3].method);
}

TEST_F(EventRecorderTest, TellsNothingOnceItIsSilenced) {
  bool silenced = false;
  EventRecorder recorder({.silenced = [&] { return silenced; }}, transport_,
                         {.clock = time_, .random = random_, .metrics = metrics_});
  recorder.Record(kJob, Started());
  time_.RunFor(500ms);
  silenced = true;  // frozen with an event in hand, awake too late
  time_.RunFor(1min);
  recorder.Record(kJob, Started("more"));
  time_.RunFor(1min);
  EXPECT_TRUE(transport_.requests.empty());
}

TEST_F(EventRecorderTest, SendsWhatWaitsWhenTheProcessEnds) {
  recorder_.Record(kJob, Started("one"));
  recorder_.Record(kJob, Started("two"));
  server_.On(kEvents, FakeTransport::NotSent());  // no second try
  bool flushed = false;
  recorder_.Flush([&] { flushed = true; });
  time_.RunFor(10ms);
  EXPECT_TRUE(flushed);
  EXPECT_EQ(2U, transport_.requests.size());
}

TEST_F(EventRecorderTest, LimitsTheEventsOfOneObjectAlone) {
  for (int i = 0; i < 100; ++i) recorder_.Record(kJob, Started(std::to_string(i)));
  ObjectReference other = kJob;
  other.uid = "other";
  recorder_.Record(other, Started());
  time_.RunFor(2s);
  EXPECT_EQ(EventRecorder::kBurstPerObject + 1U, transport_.requests.size());
  EXPECT_TRUE(Dropped(75));
  time_.RunFor(10s);
  recorder_.Record(kJob, Started("later"));
  time_.RunFor(2s);
  EXPECT_EQ(EventRecorder::kBurstPerObject + 2U, transport_.requests.size());
}

TEST_F(EventRecorderTest, DropsTheOldestWhenTheQueueIsFull) {
  for (int i = 0; i < 1003; ++i) {
    ObjectReference job = kJob;
    job.uid = std::to_string(i / 20);
    recorder_.Record(job, Started(std::to_string(i)));
  }
  EXPECT_TRUE(Dropped(3));
  time_.RunFor(1min);
  ASSERT_EQ(EventRecorder::kQueueMax, transport_.requests.size());
  EXPECT_EQ("3", Body(0)["note"]);
}

TEST_F(EventRecorderTest, CutsLongNotesBetweenCharacters) {
  std::string note(1020, 'x');
  note += "\u00e4\u00e4\u00e4\u00e4";
  recorder_.Record(kJob, Started(note));
  time_.RunFor(2s);
  const std::string sent = Body(0)["note"];
  EXPECT_LE(sent.size(), EventRecorder::kNoteBytesMax);
  EXPECT_EQ(std::string(1020, 'x') + "...", sent);
}

TEST_F(EventRecorderTest, TriesThreeTimesAndThenLetsGo) {
  for (int i = 0; i < 3; ++i) server_.On(kEvents, FakeTransport::NotSent());
  recorder_.Record(kJob, Started("lost"));
  recorder_.Record(kJob, Started("told"));
  time_.RunFor(10s);
  ASSERT_EQ(4U, transport_.requests.size());
  EXPECT_EQ("lost", Body(2)["note"]);
  EXPECT_EQ("told", Body(3)["note"]);
  EXPECT_TRUE(Dropped(1));
}

TEST_F(EventRecorderTest, DoesNotInsistWhenTheServerRefuses) {
  server_.On(kEvents, FakeTransport::Status(403, "Forbidden"));
  recorder_.Record(kJob, Started());
  time_.RunFor(1min);
  EXPECT_EQ(1U, transport_.requests.size());
  EXPECT_TRUE(Dropped(1));
}

TEST_F(EventRecorderTest, MayEndWhileARequestIsUnderWay) {
  auto recorder = std::make_unique<EventRecorder>(
      EventRecorderOptions{.controller = "c", .instance = "i"}, transport_,
      RuntimeContext{.clock = time_, .random = random_, .metrics = metrics_});
  recorder->Record(kJob, Started("one"));
  recorder->Record(kJob, Started("two"));
  time_.RunFor(EventRecorder::kCoalesce);
  recorder.reset();
  time_.RunFor(1min);
  EXPECT_EQ(1U, transport_.requests.size());
}

// Told twice, it would be looked for again after it was closed and forgotten.
TEST_F(EventRecorderTest, DoesNotQueueASeriesThatIsOnItsWay) {
  recorder_.Record(kJob, Started());
  time_.RunFor(2s);
  recorder_.Record(kJob, Started());
  transport_.latency = 90s;  // longer than the time between two looks
  time_.RunFor(30min);
  EXPECT_EQ(2U, transport_.requests.size());
}

}  // namespace
}  // namespace ffdl::k8s
