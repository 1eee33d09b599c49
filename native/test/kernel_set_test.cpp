// The table of kernel sets offers the expected sets, and none that this CPU cannot run.
#include "kernels/kernel_set.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace sparse_train {
namespace {

TEST(KernelSets, OffersScalarFirstAndEverySetByItsName) {
  const std::vector<const KernelSet*>& sets = availableKernelSets();
  ASSERT_FALSE(sets.empty());
  EXPECT_STREQ(sets.front()->name, "scalar");
  std::set<std::string> names;
  for (const KernelSet* set : sets) {
    EXPECT_TRUE(names.insert(set->name).second) << set->name << " twice";
    EXPECT_EQ(kernelSetByName(set->name), set);
  }
  EXPECT_EQ(kernelSetByName("avx1024"), nullptr);
  EXPECT_EQ(kernelSetByName(""), nullptr);
}

TEST(KernelSets, HasKernelsForEveryArithmetic) {
  for (const KernelSet* set : availableKernelSets()) {
    EXPECT_TRUE(set->supported()) << set->name;
    EXPECT_NE(set->wide, nullptr) << set->name;
    EXPECT_NE(set->wideBatch, nullptr) << set->name;
    EXPECT_NE(set->floating, nullptr) << set->name;
    EXPECT_NE(set->hardware, nullptr) << set->name;
    EXPECT_NE(set->learner, nullptr) << set->name;
  }
}

TEST(KernelSets, SharesOneArithmeticBetweenSetsOnlyOnPurpose) {
  std::set<const WideKernels*> wide;
  std::set<const WideBatchKernels*> batch;
  for (const KernelSet* set : availableKernelSets()) {
    EXPECT_TRUE(wide.insert(set->wide).second) << set->name;
    EXPECT_TRUE(batch.insert(set->wideBatch).second) << set->name;
  }
}

// The compiler's builtin asks the CPU independently of kernels/cpu.cpp.
#if (defined(__x86_64__) && defined(__GNUC__)) || defined(SPARSE_TRAIN_HAVE_NEON)
[[maybe_unused]] bool offered(const char* name) { return kernelSetByName(name) != nullptr; }

TEST(KernelSets, OffersExactlyWhatTheCpuHas) {
#if defined(SPARSE_TRAIN_HAVE_AVX2)
  EXPECT_EQ(offered("avx2"), __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                                 __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2"));
#endif
#if defined(SPARSE_TRAIN_HAVE_AVX512)
  EXPECT_EQ(offered("avx512"), __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                                   __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
                                   __builtin_cpu_supports("avx512vbmi") &&
                                   __builtin_cpu_supports("avx512vbmi2") &&
                                   __builtin_cpu_supports("avx512vnni"));
#endif
#if defined(SPARSE_TRAIN_HAVE_NEON)
  EXPECT_TRUE(offered("neon"));
#endif
#if !defined(SPARSE_TRAIN_HAVE_AVX2VNNI)
  EXPECT_FALSE(offered("avx2vnni"));
#endif
}
#endif

}  // namespace
}  // namespace sparse_train
