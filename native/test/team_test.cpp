// The team of threads does every task of every run exactly once, with any number of helpers.
#include "../engine/pipeline/team.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <numeric>
#include <vector>

namespace sparse_train {
namespace {

class TeamOfSize : public testing::TestWithParam<uint32_t> {};

TEST_P(TeamOfSize, RunsEveryTaskOnceAndShowsItsResult) {
  Team team(GetParam());
  // Plain ints on purpose: without the team's synchronisation this would be a data race, which ThreadSanitizer reports.
  std::vector<int> counts(65535, 0);
  for (const uint32_t count : {1u, 2u, 3u, 7u, 64u, 65535u}) {
    team.run(count, [&](uint32_t task) { counts[task]++; });
    for (uint32_t task = 0; task < counts.size(); task++)
      EXPECT_EQ(counts[task], task < count ? 1 : 0) << task;
    std::fill(counts.begin(), counts.end(), 0);
  }
}

TEST_P(TeamOfSize, SurvivesManyShortRuns) {
  Team team(GetParam());
  uint64_t total = 0;
  std::vector<uint64_t> results(4, 0);
  for (uint64_t run = 0; run < 20000; run++) {
    team.run(4, [&](uint32_t task) { results[task] = run + task; });
    total += std::accumulate(results.begin(), results.end(), uint64_t{0});
  }
  EXPECT_EQ(total, 4ull * (19999ull * 20000ull / 2) + 20000ull * 6);
}

TEST_P(TeamOfSize, RunsNothingForNoTasks) {
  Team team(GetParam());
  team.run(0, [](uint32_t) { FAIL(); });
}

INSTANTIATE_TEST_SUITE_P(Sizes, TeamOfSize, testing::Values(1, 2, 3, 8));

}  // namespace
}  // namespace sparse_train
