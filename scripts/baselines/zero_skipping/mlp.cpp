// A dense 784-HIDDEN-10 perceptron that trains online on one core: the strongest form that a few dozen lines of C++ give.
// It skips pixels of zero in the first layer, the width is a constant of the compiler, and all loops are vectorised.
// fp32, relu, softmax with cross-entropy, plain gradient descent.
//
//   c++ -O3 -march=native -ffast-math -DHIDDEN=256 mlp.cpp -o mlp && ./mlp DATA
//
// DATA: the bytes of the training images, their labels, the test images and their labels, one after another.
//
// Reads requests from standard input and answers each with a line:
//   train SECONDS RATE                                -> samples seconds
//   accuracy TARGET SEED RATE DECAY-EPOCHS QUARTERS   -> reached seconds epochs accuracy
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <random>
#include <vector>

constexpr int kPixels = 784, kHidden = HIDDEN, kClasses = 10, kTrain = 60000, kTest = 10000;
constexpr int kBlock = kHidden % 128 == 0 ? 128 : kHidden % 64 == 0 ? 64 : kHidden;  // hidden sums that stay in registers

struct Network {
  alignas(64) float w1[kPixels][kHidden], b1[kHidden], w2[kClasses][kHidden], b2[kClasses], h[kHidden], dh[kHidden], p[kClasses];
  float pixel[kPixels];
  int lit[kPixels], count;  // the pixels that are not zero: their values and indices

  explicit Network(unsigned seed) {
    memset(this, 0, sizeof *this);
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    for (auto& row : w1) for (float& w : row) w = normal(random) * std::sqrt(2.0f / kPixels);
    for (auto& row : w2) for (float& w : row) w = normal(random) * std::sqrt(2.0f / kHidden);
  }

  int forward(const uint8_t* image) {
    count = 0;
    for (int i = 0; i < kPixels; i++) { lit[count] = i; count += image[i] != 0; }
    for (int n = 0; n < count; n++) pixel[n] = image[lit[n]] * (1.0f / 255);
    for (int block = 0; block < kHidden; block += kBlock) {
      float sums[kBlock];
      for (int j = 0; j < kBlock; j++) sums[j] = b1[block + j];
      for (int n = 0; n < count; n++) {
        const float* w = w1[lit[n]] + block;
        for (int j = 0; j < kBlock; j++) sums[j] += pixel[n] * w[j];
      }
      for (int j = 0; j < kBlock; j++) h[block + j] = std::max(sums[j], 0.0f);
    }
    for (int k = 0; k < kClasses; k++) {
      float sum = 0;
      for (int j = 0; j < kHidden; j++) sum += h[j] * w2[k][j];
      p[k] = sum + b2[k];
    }
    return int(std::max_element(p, p + kClasses) - p);
  }

  void train(const uint8_t* image, int label, float rate) {
    const float most = p[forward(image)];
    float total = 0;
    for (float& q : p) total += q = std::exp(q - most);
    for (int k = 0; k < kClasses; k++) p[k] = rate * (p[k] / total - (k == label));
    for (int j = 0; j < kHidden; j++) dh[j] = 0;
    for (int k = 0; k < kClasses; k++) {
      for (int j = 0; j < kHidden; j++) { dh[j] += p[k] * w2[k][j]; w2[k][j] -= p[k] * h[j]; }
      b2[k] -= p[k];
    }
    for (int j = 0; j < kHidden; j++) b1[j] -= dh[j] = h[j] > 0 ? dh[j] : 0;
    for (int n = 0; n < count; n++) {
      float* w = w1[lit[n]];
      for (int j = 0; j < kHidden; j++) w[j] -= pixel[n] * dh[j];
    }
  }
};

static uint8_t data[size_t(kTrain + kTest) * (kPixels + 1)];
static const uint8_t *images = data, *labels = data + size_t(kTrain) * kPixels, *testImages = labels + kTrain,
                     *testLabels = testImages + size_t(kTest) * kPixels;

static double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

int main(int, char** words) {
  FILE* file = fopen(words[1], "rb");
  if (!file || fread(data, 1, sizeof data, file) != sizeof data) return fprintf(stderr, "no data\n"), 1;
  std::vector<int> order(kTrain);
  static Network speed(1);
  size_t next = 0;
  for (char line[200]; fgets(line, sizeof line, stdin); fflush(stdout)) {
    double seconds, target, rate, decay;
    int seed, quarters;
    if (sscanf(line, "train %lf %lf", &seconds, &rate) == 2) {
      std::mt19937 random(5);
      for (int i = 0; i < kTrain; i++) order[i] = i;
      std::shuffle(order.begin(), order.end(), random);
      size_t samples = 0;
      const double begin = now();
      double taken;
      do {
        for (int i = 0; i < 200; i++, samples++, next++) speed.train(images + size_t(order[next % kTrain]) * kPixels, labels[order[next % kTrain]], float(rate));
      } while ((taken = now() - begin) < seconds);
      printf("%zu %.9f\n", samples, taken);
    } else if (sscanf(line, "accuracy %lf %d %lf %lf %d", &target, &seed, &rate, &decay, &quarters) == 5) {
      static Network network(1);
      new (&network) Network(unsigned(seed));
      std::mt19937 random(unsigned(seed) + 1000);
      double taken = 0, accuracy = 0;
      int quarter = 0;
      while (accuracy < target && quarter < quarters && (decay == 0 || quarter < 4 * decay)) {
        const double begin = now();
        if (quarter % 4 == 0) {
          for (int i = 0; i < kTrain; i++) order[i] = i;
          std::shuffle(order.begin(), order.end(), random);
        }
        for (int i = quarter % 4 * (kTrain / 4), end = i + kTrain / 4; i < end; i++) {
          const double done = quarter / 4 * 1.0 * kTrain + i;
          network.train(images + size_t(order[i]) * kPixels, labels[order[i]], float(decay == 0 ? rate : rate * std::max(0.0, 1 - done / (decay * kTrain))));
        }
        taken += now() - begin;
        quarter++;
        int right = 0;
        for (int i = 0; i < kTest; i++) right += network.forward(testImages + size_t(i) * kPixels) == testLabels[i];
        accuracy = right / double(kTest);
      }
      printf("%d %.9f %.2f %.4f\n", accuracy >= target, taken, quarter / 4.0, accuracy);
    } else {
      printf("unknown request\n");
    }
  }
}
