// Online training (batch 1, plain SGD, softmax cross-entropy, fp32) of 784-H-10 in one launch for any number of samples.
//
// The strongest form of GPU online learning we know: one thread-block cluster holds the whole first layer in registers, so a sample
// costs one pass over registers and one exchange of 10 floats between multiprocessors; nothing is launched per sample. The rest of
// the GPU stays idle: one sample after another leaves it nothing to do.
//
// Block r of the cluster owns WARPS * NPW hidden neurons, a warp NPW of them, its 32 lanes 25 inputs each. Per sample:
//   1. lanes reduce their partial sums: h = relu(W1 x), the bias being the weight of a constant input
//   2. each block sums its share of z = W2 h and sends those 10 floats to every block's shared memory (st.async)
//   3. every warp finishes z, softmax and dz by itself and updates its columns of W2
//   4. one pass over the registers: W1 -= lr dh x, and at once the partial sums of the next sample
// Built and loaded by pytorch_cuda.py; needs a GPU of compute capability 9.0 or more.
#include <cstdint>
#include <cuda_runtime.h>

namespace {

constexpr int kInputs = 800;         // 784 pixels, the constant 1, zeros; 25 per lane
constexpr int kPerLane = kInputs / 32;
constexpr int kRow = 804;            // a row of the input also carries the label, at [800]
constexpr int kClasses = 10;
constexpr int kRing = 8;             // rows in shared memory
constexpr int kAhead = 4;            // rows fetched ahead of use

__device__ __forceinline__ uint32_t address(const void* pointer) {
  return static_cast<uint32_t>(__cvta_generic_to_shared(pointer));
}

__device__ __forceinline__ uint32_t inBlock(uint32_t local, int rank) {
  uint32_t remote;
  asm("mapa.shared::cluster.u32 %0, %1, %2;" : "=r"(remote) : "r"(local), "r"(rank));
  return remote;
}

__device__ __forceinline__ void clusterBarrier() {
  asm volatile("barrier.cluster.arrive.release.aligned;\n barrier.cluster.wait.acquire.aligned;" ::: "memory");
}

__device__ __forceinline__ void expectBytes(uint32_t barrier, uint32_t bytes) {
  asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(barrier), "r"(bytes) : "memory");
}

__device__ __forceinline__ void waitPhase(uint32_t barrier, uint32_t parity) {
  // A limit turns a lost message into an error instead of a hung GPU.
  for (int spin = 0; spin < (1 << 20); ++spin) {
    uint32_t done;
    asm volatile(
        "{\n .reg .pred p;\n"
        " mbarrier.try_wait.parity.acquire.cluster.shared::cta.b64 p, [%1], %2;\n"
        " selp.u32 %0, 1, 0, p;\n}"
        : "=r"(done)
        : "r"(barrier), "r"(parity)
        : "memory");
    if (done) return;
  }
  __trap();
}

__device__ __forceinline__ void sendFloat(uint32_t destination, float value, uint32_t barrier) {
  asm volatile("st.async.weak.shared::cluster.mbarrier::complete_tx::bytes.f32 [%0], %1, [%2];" ::"r"(destination), "f"(value),
               "r"(barrier)
               : "memory");
}

__device__ __forceinline__ void fetchRow(uint32_t destination, const float* row, uint32_t barrier) {
  expectBytes(barrier, kRow * 4);
  asm volatile("cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1], %2, [%3];" ::"r"(destination), "l"(row),
               "r"(kRow * 4), "r"(barrier)
               : "memory");
}

template <int C, int WARPS, int NPW>
struct Shared {
  static constexpr int kNeurons = WARPS * NPW;
  static constexpr int kPartialStride = kNeurons + 4;  // the pad spreads the rows over the banks
  static constexpr int kIncomingStride = C + 4;
  alignas(128) float ring[kRing][kRow];
  alignas(16) float partial[2][kClasses][kPartialStride];
  alignas(16) float incoming[2][kClasses][kIncomingStride];
  alignas(16) float exponent[WARPS][12];
  alignas(8) uint64_t full[kRing];
  alignas(8) uint64_t exchange[2];
};

template <int C, int WARPS, int NPW>
__global__ void __launch_bounds__(WARPS * 32, 1)
    trainOnline(const float* __restrict__ rows, int steps, float* __restrict__ w1, float* __restrict__ w2, float* __restrict__ b2,
                float learningRate, float slope) {
  using Mine = Shared<C, WARPS, NPW>;
  constexpr int kThreads = WARPS * 32;
  constexpr int kNeurons = Mine::kNeurons;
  constexpr int kShare = 32 / NPW;  // lanes that hold one neuron once a warp has reduced
  constexpr int kHidden = C * kNeurons;
  // Each class is summed and sent by kSenders threads, kSends destinations each.
  constexpr int kSenders = kClasses * C <= kThreads ? C : kClasses * C / 2 <= kThreads ? C / 2 : C / 4;
  constexpr int kSends = C / kSenders;
  static_assert(kClasses * kSenders <= kThreads);

  extern __shared__ char memory[];
  Mine& s = *reinterpret_cast<Mine*>(memory);
  const int thread = threadIdx.x, lane = thread & 31, warp = thread >> 5;
  const int rank = blockIdx.x;  // the grid is one cluster
  const int group = lane / kShare, inGroup = lane % kShare;

  if (thread == 0) {
    for (int i = 0; i < kRing; ++i) asm volatile("mbarrier.init.shared::cta.b64 [%0], 1;" ::"r"(address(&s.full[i])) : "memory");
    for (int i = 0; i < 2; ++i) asm volatile("mbarrier.init.shared::cta.b64 [%0], 1;" ::"r"(address(&s.exchange[i])) : "memory");
    asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory");
    asm volatile("fence.proxy.async;" ::: "memory");
  }
  __syncthreads();
  clusterBarrier();
  if (thread == 0) {
    for (int t = 0; t < kAhead; ++t) fetchRow(address(s.ring[t]), rows + static_cast<size_t>(min(t, steps - 1)) * kRow, address(&s.full[t]));
  }

  const int firstNeuron = rank * kNeurons + warp * NPW;
  float w[NPW][kPerLane];
#pragma unroll
  for (int n = 0; n < NPW; ++n)
#pragma unroll
    for (int i = 0; i < kPerLane; ++i) w[n][i] = w1[static_cast<size_t>(firstNeuron + n) * kInputs + lane + 32 * i];
  float v[kClasses];  // W2's column of this lane's neuron
#pragma unroll
  for (int k = 0; k < kClasses; ++k) v[k] = w2[k * kHidden + firstNeuron + group];
  // The same column's entries of the classes that this lane multiplies; kept twice because registers can't be indexed.
  const int classA = inGroup, classB = inGroup + kShare;
  float vA = classA < kClasses ? w2[classA * kHidden + firstNeuron + group] : 0.f;
  float vB = classB < kClasses ? w2[classB * kHidden + firstNeuron + group] : 0.f;
  float bias = lane < kClasses ? b2[lane] : 0.f;

  const int sendClass = thread / kSenders, sendTo = thread % kSenders;
  const bool sends = sendClass < kClasses;
  uint32_t target[kSends], targetBarrier[kSends];
#pragma unroll
  for (int i = 0; i < kSends; ++i) {
    const int to = sendTo + i * kSenders;
    target[i] = inBlock(address(&s.incoming[0][sends ? sendClass : 0][rank]), to);
    targetBarrier[i] = inBlock(address(&s.exchange[0]), to);
  }
  constexpr uint32_t kIncomingBytes = sizeof(s.incoming[0]);

  float acc[NPW], xa[kPerLane], xb[kPerLane];
  int labelA, labelB;
  const auto load = [&](int t, float(&x)[kPerLane], int& label) {
    waitPhase(address(&s.full[t % kRing]), (t / kRing) & 1);
    const float* row = s.ring[t % kRing];
#pragma unroll
    for (int i = 0; i < kPerLane; ++i) x[i] = row[lane + 32 * i];
    label = static_cast<int>(row[kInputs]);
  };
  load(0, xa, labelA);
#pragma unroll
  for (int n = 0; n < NPW; ++n) {
    acc[n] = 0.f;
#pragma unroll
    for (int i = 0; i < kPerLane; ++i) acc[n] = fmaf(w[n][i], xa[i], acc[n]);
  }

  // One sample: x is the sample whose sums are in acc, y the next one, read meanwhile.
  const auto step = [&](int t, float(&x)[kPerLane], int label, float(&y)[kPerLane], int& nextLabel) {
    const int p = t & 1;
    if (thread == 0) {
      expectBytes(address(&s.exchange[p]), kClasses * C * 4);
      const int ahead = t + kAhead;
      fetchRow(address(s.ring[ahead % kRing]), rows + static_cast<size_t>(min(ahead, steps - 1)) * kRow, address(&s.full[ahead % kRing]));
    }

    // Reduce: halve the neurons per lane while there are several, then plain butterflies.
    float h;
    if constexpr (NPW == 4) {
      const bool high = lane & 16;
      const float keep0 = high ? acc[2] : acc[0], keep1 = high ? acc[3] : acc[1];
      const float give0 = high ? acc[0] : acc[2], give1 = high ? acc[1] : acc[3];
      const float r0 = keep0 + __shfl_xor_sync(~0u, give0, 16), r1 = keep1 + __shfl_xor_sync(~0u, give1, 16);
      const bool odd = lane & 8;
      h = (odd ? r1 : r0) + __shfl_xor_sync(~0u, odd ? r0 : r1, 8);
    } else if constexpr (NPW == 2) {
      const bool high = lane & 16;
      h = (high ? acc[1] : acc[0]) + __shfl_xor_sync(~0u, high ? acc[0] : acc[1], 16);
    } else {
      h = acc[0];
    }
#pragma unroll
    for (int distance = kShare / 2; distance > 0; distance /= 2) h += __shfl_xor_sync(~0u, h, distance);
    h = fmaxf(h, 0.f);

    if (classA < kClasses) s.partial[p][classA][warp * NPW + group] = vA * h;
    if (classB < kClasses) s.partial[p][classB][warp * NPW + group] = vB * h;
    __syncthreads();
    if (sends) {
      const float4* from = reinterpret_cast<const float4*>(s.partial[p][sendClass]);
      float sum = 0.f;
#pragma unroll
      for (int i = 0; i < kNeurons / 4; ++i) sum += (from[i].x + from[i].y) + (from[i].z + from[i].w);
#pragma unroll
      for (int i = 0; i < kSends; ++i) sendFloat(target[i] + p * kIncomingBytes, sum, targetBarrier[i] + p * 8);
    }

    load(t + 1, y, nextLabel);

    waitPhase(address(&s.exchange[p]), (t >> 1) & 1);
    float z = bias;
    {
      const float4* from = reinterpret_cast<const float4*>(s.incoming[p][lane < kClasses ? lane : 0]);
#pragma unroll
      for (int i = 0; i < C / 4; ++i) z += (from[i].x + from[i].y) + (from[i].z + from[i].w);
    }
    // No maximum is subtracted; the clamp keeps the sum finite should a run diverge.
    const float e = __expf(fminf(z, 80.f));
    if (lane < kClasses) s.exponent[warp][lane] = e;
    __syncwarp();
    float d[12];
#pragma unroll
    for (int i = 0; i < 3; ++i) *reinterpret_cast<float4*>(&d[4 * i]) = *reinterpret_cast<const float4*>(&s.exponent[warp][4 * i]);
    const float eA = s.exponent[warp][classA < kClasses ? classA : 0], eB = s.exponent[warp][classB < kClasses ? classB : 0];
    const float total = ((d[0] + d[1]) + (d[2] + d[3])) + ((d[4] + d[5]) + (d[6] + d[7])) + (d[8] + d[9]);
    const float rate = learningRate + slope * t;
    const float scale = -rate * __fdividef(1.f, total);
#pragma unroll
    for (int k = 0; k < kClasses; ++k) d[k] = fmaf(scale, d[k], k == label ? rate : 0.f);  // -lr * dz

    float g0 = 0.f, g1 = 0.f;
#pragma unroll
    for (int k = 0; k < kClasses; k += 2) {
      g0 = fmaf(v[k], d[k], g0);
      g1 = fmaf(v[k + 1], d[k + 1], g1);
    }
    const float g = h > 0.f ? g0 + g1 : 0.f;
    float change[NPW];
#pragma unroll
    for (int n = 0; n < NPW; ++n) change[n] = NPW == 1 ? g : __shfl_sync(~0u, g, n * kShare);

#pragma unroll
    for (int n = 0; n < NPW; ++n) {
      float sum0 = 0.f, sum1 = 0.f;
#pragma unroll
      for (int i = 0; i < kPerLane; ++i) {
        w[n][i] = fmaf(change[n], x[i], w[n][i]);
        if (i & 1)
          sum1 = fmaf(w[n][i], y[i], sum1);
        else
          sum0 = fmaf(w[n][i], y[i], sum0);
      }
      acc[n] = sum0 + sum1;
    }
#pragma unroll
    for (int k = 0; k < kClasses; ++k) v[k] = fmaf(d[k], h, v[k]);
    vA = fmaf(fmaf(scale, eA, classA == label ? rate : 0.f), h, vA);
    vB = fmaf(fmaf(scale, eB, classB == label ? rate : 0.f), h, vB);
    bias += fmaf(scale, e, lane == label ? rate : 0.f);
  };

  int t = 0;
  for (; t + 1 < steps; t += 2) {
    step(t, xa, labelA, xb, labelB);
    step(t + 1, xb, labelB, xa, labelA);
  }
  if (t < steps) step(t, xa, labelA, xb, labelB);

#pragma unroll
  for (int n = 0; n < NPW; ++n)
#pragma unroll
    for (int i = 0; i < kPerLane; ++i) w1[static_cast<size_t>(firstNeuron + n) * kInputs + lane + 32 * i] = w[n][i];
  if (inGroup == 0) {
#pragma unroll
    for (int k = 0; k < kClasses; ++k) w2[k * kHidden + firstNeuron + group] = v[k];
  }
  if (rank == 0 && warp == 0 && lane < kClasses) b2[lane] = bias;

  // Rows fetched ahead must land before this block's shared memory is given away, and no block may leave while another sends to it.
  if (thread == 0) {
    for (int ahead = steps; ahead < steps + kAhead; ++ahead) waitPhase(address(&s.full[ahead % kRing]), (ahead / kRing) & 1);
  }
  __syncthreads();
  clusterBarrier();
}

template <int C, int WARPS, int NPW>
cudaError_t launch(const float* rows, int steps, float* w1, float* w2, float* b2, float learningRate, float slope, cudaStream_t stream) {
  const auto kernel = trainOnline<C, WARPS, NPW>;
  const int bytes = sizeof(Shared<C, WARPS, NPW>);
  if (cudaError_t error = cudaFuncSetAttribute(kernel, cudaFuncAttributeNonPortableClusterSizeAllowed, 1)) return error;
  if (cudaError_t error = cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, bytes)) return error;
  cudaLaunchAttribute attribute;
  attribute.id = cudaLaunchAttributeClusterDimension;
  attribute.val.clusterDim.x = C;
  attribute.val.clusterDim.y = attribute.val.clusterDim.z = 1;
  cudaLaunchConfig_t config = {};
  config.gridDim = C;
  config.blockDim = WARPS * 32;
  config.dynamicSmemBytes = bytes;
  config.stream = stream;
  config.attrs = &attribute;
  config.numAttrs = 1;
  return cudaLaunchKernelEx(&config, kernel, rows, steps, w1, w2, b2, learningRate, slope);
}

}  // namespace

// Trains on `steps` rows (each 804 floats: 784 pixels, 1, zeros, the label at [800]). w1 is [hidden][800], w2 [10][hidden], hidden
// being cluster * warps * perWarp. Returns a CUDA error code, or -1 for a shape that was not built.
extern "C" int train_online(int cluster, int warps, int perWarp, const float* rows, int steps, float* w1, float* w2, float* b2,
                            float learningRate, float slope, void* stream) {
  const auto queue = static_cast<cudaStream_t>(stream);
#define SHAPE(C, W, N) \
  if (cluster == C && warps == W && perWarp == N) return launch<C, W, N>(rows, steps, w1, w2, b2, learningRate, slope, queue);
  SHAPE(4, 8, 4)
  SHAPE(8, 4, 4)
  SHAPE(8, 8, 2)
  SHAPE(8, 16, 1)
  SHAPE(16, 4, 2)
  SHAPE(16, 8, 1)
  SHAPE(8, 8, 4)
  SHAPE(16, 4, 4)
  SHAPE(16, 8, 2)
  SHAPE(16, 16, 1)
  SHAPE(16, 8, 4)
  SHAPE(16, 16, 2)
  return -1;
}
