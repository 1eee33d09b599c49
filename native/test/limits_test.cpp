// The measuring code of `sparse-train bench`: it runs and counts correctly. No test looks at a speed.
#include <gtest/gtest.h>

#include <vector>

#include "../bench/limits/limits.hpp"
#include "../bench/timing/kernel_timing.hpp"
#include "../kernels/kernel_set.hpp"
#include "../kernels/wide/wide_kernels.hpp"

namespace sparse_train {
namespace {

TEST(Limits, AreMeasuredForEveryKernelSet) {
  EXPECT_GT(measureClock(1e-3), 0.0);
  for (const KernelSet* kernels : availableKernelSets()) {
    const LimitKernels* limits = limitKernelsByName(kernels->name);
    ASSERT_NE(limits, nullptr) << kernels->name;
    EXPECT_STREQ(limits->name, kernels->name);
    EXPECT_GT(measureDotProducts(*limits, 1e-3), 0.0);
    EXPECT_GT(measureReading(*limits, 5000, 1e-3), 0.0);
  }
  EXPECT_EQ(limitKernelsByName("none"), nullptr);
}

TEST(Limits, ReadingDependsOnWhatIsRead) {
  for (const KernelSet* kernels : availableKernelSets()) {
    const LimitKernels* limits = limitKernelsByName(kernels->name);
    alignas(64) unsigned char memory[1024] = {};
    EXPECT_EQ(limits->readMemory(memory, sizeof(memory)), 0) << kernels->name;
    memory[517] = 0xFF;  // a single byte, so that nothing can cancel it, whatever the loop does with the sum
    EXPECT_NE(limits->readMemory(memory, sizeof(memory)), 0) << kernels->name;
  }
}

TEST(KernelTiming, CountsTheEdgesOfActiveTiles) {
  std::vector<uint8_t> rows(2 * 64, 0);
  for (size_t i = 0; i < 64; i++)
    rows[i] = 7;  // in the first row all neurons are active, in the second only one
  rows[64 + 5] = 7;
  for (const KernelSet* kernels : availableKernelSets()) {
    for (const char* const* name = kernelOperations(); *name != nullptr; name++) {
      KernelTask task{kernels, *name, 64, 32, 64 * 32, rows.data(), 2, 1e-6};
      const KernelTiming timing = timeKernel(task);
      EXPECT_GT(timing.calls, 0u);
      EXPECT_GT(timing.bytes, 0.0);
      EXPECT_NE(timing.edges > 0.0, timing.neurons > 0.0) << *name;
      if (task.operation == "forwardTiles") {
        // 32 groups with 2 tiles each, and one group with 2.
        EXPECT_EQ(timing.edges, static_cast<double>(timing.calls / 2) * 66 * kTileLanes);
      }
    }
  }
}

TEST(KernelTiming, HandlesLayersOfOddSizes) {
  const std::vector<uint8_t> rows(3 * 7, 1);
  for (const KernelSet* kernels : availableKernelSets()) {
    for (const char* const* name = kernelOperations(); *name != nullptr; name++) {
      const KernelTask task{kernels, *name, 7, 3, 21, rows.data(), 3, 1e-6};
      EXPECT_GT(timeKernel(task).calls, 0u) << *name;
    }
  }
}

}  // namespace
}  // namespace sparse_train
