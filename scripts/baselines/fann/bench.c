/* FANN (Fast Artificial Neural Network library), online training of a dense 784-H-10 network in fp32. Run by ../fann.py.
 *
 *   bench DATA speed HIDDEN SECONDS REPEATS       training: prints steps, then the seconds of each repeat
 *   bench DATA predict HIDDEN SECONDS REPEATS     forward alone, likewise
 *   bench DATA accuracy HIDDEN RATE SEED QUARTERS TARGET   prints reached (0 or 1), seconds, quarters, accuracy
 *
 * DATA holds 60,000 training images (784 bytes each), their labels, 10,000 test images, their labels. */
#include <floatfann.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { INPUTS = 784, CLASSES = 10, TRAIN = 60000, TEST = 10000 };

static fann_type* images[2];
static unsigned char* labels[2];
static fann_type target[CLASSES][CLASSES];

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void fail(const char* what) {
  fprintf(stderr, "bench: %s\n", what);
  exit(1);
}

static void load(const char* path) {
  const int counts[2] = {TRAIN, TEST};
  FILE* file = fopen(path, "rb");
  if (!file) fail("cannot open the data");
  for (int part = 0; part < 2; ++part) {
    const size_t pixels = (size_t)counts[part] * INPUTS;
    unsigned char* bytes = malloc(pixels);
    images[part] = malloc(pixels * sizeof(fann_type));
    labels[part] = malloc((size_t)counts[part]);
    if (!bytes || !images[part] || !labels[part]) fail("out of memory");
    if (fread(bytes, 1, pixels, file) != pixels) fail("the data is too short");
    if (fread(labels[part], 1, (size_t)counts[part], file) != (size_t)counts[part]) fail("the data is too short");
    for (size_t i = 0; i < pixels; ++i) images[part][i] = (fann_type)bytes[i] / 255;
    free(bytes);
  }
  fclose(file);
  for (int k = 0; k < CLASSES; ++k) target[k][k] = 1;
}

static struct fann* make(unsigned hidden, float rate, unsigned seed) {
  struct fann* net = fann_create_standard(3, INPUTS, hidden, CLASSES);
  if (!net) fail("fann_create_standard failed");
  fann_set_training_algorithm(net, FANN_TRAIN_INCREMENTAL);
  fann_set_activation_function_hidden(net, FANN_SIGMOID);
  fann_set_activation_function_output(net, FANN_SIGMOID);
  fann_set_learning_rate(net, rate);
  srand(seed); /* creating a network seeds the generator with the time */
  fann_randomize_weights(net, (fann_type)-0.05, (fann_type)0.05);
  return net;
}

static double accuracy(struct fann* net) {
  int right = 0;
  for (int n = 0; n < TEST; ++n) {
    const fann_type* scores = fann_run(net, images[1] + (size_t)n * INPUTS);
    int best = 0;
    for (int k = 1; k < CLASSES; ++k)
      if (scores[k] > scores[best]) best = k;
    right += best == labels[1][n];
  }
  return (double)right / TEST;
}

static void step(struct fann* net, int sample) { fann_train(net, images[0] + (size_t)sample * INPUTS, target[labels[0][sample]]); }

static double timed(struct fann* net, long steps, int train) {
  const double start = now();
  for (long i = 0; i < steps; ++i) {
    const int sample = (int)((i * 7919) % TRAIN);
    if (train)
      step(net, sample);
    else
      fann_run(net, images[0] + (size_t)sample * INPUTS);
  }
  return now() - start;
}

int main(int count, char** arguments) {
  if (count < 6) fail("usage: see the source");
  load(arguments[1]);
  const char* mode = arguments[2];
  const unsigned hidden = (unsigned)atoi(arguments[3]);
  if (strcmp(mode, "accuracy") != 0) {
    const int train = strcmp(mode, "speed") == 0;
    const double seconds = atof(arguments[4]);
    struct fann* net = make(hidden, 0.1f, 1);
    long steps = 16;
    while (timed(net, steps, train) < seconds) steps *= 2;
    printf("%ld\n", steps);
    for (int i = 0; i < atoi(arguments[5]); ++i) printf("%.9f\n", timed(net, steps, train));
    fann_destroy(net);
    return 0;
  }
  if (count < 8) fail("usage: see the source");
  struct fann* net = make(hidden, (float)atof(arguments[4]), (unsigned)atoi(arguments[5]));
  const int most = atoi(arguments[6]);
  const double wanted = atof(arguments[7]);
  static int order[TRAIN];
  for (int i = 0; i < TRAIN; ++i) order[i] = i;
  double seconds = 0, reached = 0;
  int quarter = 0;
  while (quarter < most && reached < wanted) {
    const double start = now();
    if (quarter % 4 == 0) {
      for (int i = TRAIN - 1; i > 0; --i) {
        const int j = rand() % (i + 1), held = order[i];
        order[i] = order[j];
        order[j] = held;
      }
    }
    const int first = quarter % 4 * (TRAIN / 4);
    for (int i = first; i < first + TRAIN / 4; ++i) step(net, order[i]);
    seconds += now() - start;
    ++quarter;
    reached = accuracy(net);
  }
  printf("%d %.9f %d %.4f\n", reached >= wanted, seconds, quarter, reached);
  fann_destroy(net);
  return 0;
}
