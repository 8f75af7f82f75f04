#include "operator/controller/trace_exporter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "test/support/fake_transport.h"
#include "test/support/job_builder.h"

namespace ffdl::server {
namespace {

using test::FakeTransport;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class TraceExporterTest : public testing::Test {
 protected:
  TraceExporterTest() {
    traces_.Lead();
    transport_.server = [](const auto&) { return FakeTransport::Ok("{}"); };
  }

  void End() {
    const v1::TrainingJob before = testing_support::JobBuilder("bert").Build();
    v1::TrainingJob after = before;
    after.status.state = v1::State::kCompleted;
    after.status.completion_time = time_.Now();
    traces_.Note(&before, &after);
  }

  test::VirtualTime time_;
  k8s::Random random_{1};
  k8s::Metrics metrics_;
  std::vector<std::string> log_;
  k8s::RuntimeContext context_{
      .clock = time_,
      .random = random_,
      .metrics = metrics_,
      .log = [this](k8s::LogLevel, std::string_view line) { log_.emplace_back(line); }};
  FakeTransport transport_{time_};
  TraceExporter traces_{&transport_, context_};
};

TEST_F(TraceExporterTest, TellsOfAJobOnceWhenItEnds) {
  const v1::TrainingJob running = testing_support::JobBuilder("bert").Build();
  v1::TrainingJob done = running;
  done.status.completion_time = time_.Now();
  traces_.Note(nullptr, &running);
  traces_.Note(&running, &running);
  traces_.Note(nullptr, &done);  // seen by a new leader
  EXPECT_THAT(transport_.requests, IsEmpty());

  traces_.Note(&running, &done);
  traces_.Note(&done, &done);
  traces_.Note(&done, nullptr);
  time_.RunReady();

  ASSERT_THAT(transport_.requests, SizeIs(1));
  EXPECT_EQ("POST", transport_.requests[0].method);
  EXPECT_EQ("/v1/traces", transport_.requests[0].path);
  EXPECT_EQ("application/json", transport_.requests[0].content_type);
  EXPECT_THAT(transport_.requests[0].body, HasSubstr("TrainingJob ml/bert"));
}

TEST_F(TraceExporterTest, IsSilentAsAStandbyAndWithoutACollector) {
  TraceExporter standby(&transport_, context_);
  TraceExporter none(nullptr, context_);
  none.Lead();
  const v1::TrainingJob before;
  v1::TrainingJob after;
  after.status.completion_time = time_.Now();
  standby.Note(&before, &after);
  none.Note(&before, &after);
  EXPECT_THAT(transport_.requests, IsEmpty());
}

TEST_F(TraceExporterTest, DropsWhatACollectorThatIsAwayDoesNotTakeAndSaysSoOnce) {
  transport_.server = [](const auto&) { return FakeTransport::NotSent(); };
  for (int i = 0; i < 3; ++i) End();
  time_.RunFor(std::chrono::seconds(1));
  EXPECT_THAT(log_, ElementsAre("the collector took no trace: connection refused; traces are "
                                "dropped until it does"));
  EXPECT_THAT(metrics_.Text(), HasSubstr("ffdl_traces_total{result=\"lost\"} 3"));

  transport_.server = [](const auto&) { return FakeTransport::Ok("{}"); };
  End();
  time_.RunFor(std::chrono::seconds(1));
  EXPECT_THAT(log_, testing::Contains("the collector takes traces again"));
  EXPECT_THAT(transport_.requests, SizeIs(4)) << "nothing is sent twice";
}

TEST_F(TraceExporterTest, SaysWhatACollectorAnswersThatRefuses) {
  transport_.server = [](const auto&) { return FakeTransport::Status(404); };
  End();
  time_.RunFor(std::chrono::seconds(1));
  EXPECT_THAT(log_, ElementsAre(HasSubstr("it answered 404")));
  EXPECT_THAT(metrics_.Text(), HasSubstr("ffdl_traces_total{result=\"refused\"} 1"));
}

TEST_F(TraceExporterTest, KeepsNoMoreUnderWayThanItsLimit) {
  transport_.server = [](const auto&) { return std::nullopt; };  // never answers
  for (int i = 0; i < TraceExporter::kUnderWayMax + 5; ++i) End();
  EXPECT_THAT(transport_.requests, SizeIs(TraceExporter::kUnderWayMax));
  EXPECT_THAT(metrics_.Text(), HasSubstr("ffdl_traces_total{result=\"dropped\"} 5"));
  time_.RunFor(TraceExporter::kTimeout * 2);
  End();
  EXPECT_THAT(transport_.requests, SizeIs(TraceExporter::kUnderWayMax + 1));
}

}  // namespace
}  // namespace ffdl::server
