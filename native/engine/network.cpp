#include "network.hpp"

#include <algorithm>
#include <chrono>
#include <numeric>

#include "engine/input/prefetch.hpp"

namespace sparse_train {
namespace {

constexpr uint64_t kPrefetchDistance = 2;  ///< inputs
constexpr uint64_t kProgressInterval =
    64;  ///< inputs between looks at the abort flag and reports of progress

double rateAt(const TrainJob& job, uint64_t index) {
  return job.rates[std::min(index / job.rateInterval, job.rateCount - 1)];
}

}  // namespace

Network::Network(NetworkSpec spec) : spec_(std::move(spec)), ring_(2 * spec_.patterns.size() + 1) {
  for (uint32_t slot = 0; slot < ring_.size(); slot++) ring_[slot].slot = slot;
}

TrainResult Network::train(const TrainJob& job, Progress& progress) {
  const auto start = std::chrono::steady_clock::now();
  if (job.first == 0) tally_ = Tally{};
  const uint64_t before = inputs_ - job.first;
  TrainResult result;
  const bool singly = job.batchSize == 1 && !trainsInBatchesOnly();
  const Ending ending = singly ? trainSingly(job, progress) : trainInBatches(job, progress);
  result.aborted = ending == Ending::aborted;
  result.paused = ending == Ending::paused;
  report(progress, inputs_ - before);
  result.examples = inputs_ - before;
  result.tally = tally_;
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

/// Every example is an update.
Network::Ending Network::trainSingly(const TrainJob& job, Progress& progress) {
  leaveBatches();
  configure(job.threads, job.classWeights);
  listTasks();
  if (job.record > 0 && job.first == 0) forgetRecord();
  recordFrom_ =
      job.record == 0 ? UINT64_MAX : inputs_ - job.first + job.count - std::min(job.record, job.count);
  bool aborted = false;
  bool paused = false;
  {
    Team team(job.threads);
    for (uint64_t index = job.first;; index++) {
      if (index % kProgressInterval == 0) report(progress, std::min(index, job.count));
      aborted = aborted || progress.abort.load(std::memory_order_relaxed);
      paused = !aborted && progress.pause.load(std::memory_order_relaxed);
      if (paused) break;
      const bool example = index < job.count && !aborted;
      // After an abort the pipeline is emptied as well: the network stays usable.
      if (!example && !((job.drain || aborted) && inPipeline())) break;
      admit(example ? &job : nullptr, index);
      if (index + 1 < job.count) next_ = {&job, index + 1, false};
      runBlock(&team);
    }
  }
  next_ = Next{};
  recordFrom_ = UINT64_MAX;
  return aborted ? Ending::aborted : paused ? Ending::paused : Ending::done;
}

/// Every batch is an update, and done with before the next begins: batches know no pipeline.
Network::Ending Network::trainInBatches(const TrainJob& job, Progress& progress) {
  if (inPipeline()) {  // what earlier calls left comes first
    configure(job.threads, job.classWeights);
    drain();
  }
  prepareBatches(static_cast<uint32_t>(std::min<uint64_t>(job.batchSize, job.count)), job);
  Team team(job.threads);
  Batch batch;
  batch.job = &job;
  for (uint64_t first = job.first; first < job.count; first += batch.count) {
    report(progress, first);
    if (progress.abort.load(std::memory_order_relaxed)) return Ending::aborted;
    if (progress.pause.load(std::memory_order_relaxed)) return Ending::paused;
    batch.first = first;
    batch.count = static_cast<uint32_t>(std::min<uint64_t>(job.batchSize, job.count - first));
    batch.number = inputs_;
    batch.rate = rateAt(job, first);
    trainBatch(batch, team);
    inputs_ += batch.count;
  }
  return progress.abort.load(std::memory_order_relaxed) ? Ending::aborted : Ending::done;
}

std::string Network::batchFault(uint32_t) const { return "this arithmetic has no mini-batches"; }
void Network::prepareBatches(uint32_t, const TrainJob&) {}
void Network::trainBatch(const Batch&, Team&) {}

std::string Network::rewireFault() const { return "this arithmetic has no dynamic patterns"; }
Pattern Network::rewiredPattern(uint32_t junction, const RewireRule&) const {
  return spec_.patterns[junction];
}
void Network::changePattern(uint32_t junction, Pattern pattern) {
  replacePattern(junction, std::move(pattern));
}
void Network::replacePattern(uint32_t junction, Pattern pattern) {
  spec_.patterns[junction] = std::move(pattern);
}

std::vector<uint64_t> Network::rewire(uint32_t share, bool byGradient) {
  drain();
  leaveBatches();
  const RewireRule rule = {share, byGradient, spec_.seed, inputs_};
  std::vector<uint64_t> moved;
  for (uint32_t junction = 0; junction < junctions(); junction++) {
    Pattern next = rewiredPattern(junction, rule);
    uint64_t kept = 0;
    forKeptEdges(spec_.patterns[junction], next, [&](uint64_t, uint64_t) { kept++; });
    moved.push_back(next.edges() - kept);
    if (kept < next.edges()) changePattern(junction, std::move(next));
  }
  forgetRecord();
  return moved;
}

void Network::setPattern(uint32_t junction, Pattern pattern) {
  drain();
  leaveBatches();
  forgetRecord();
  changePattern(junction, std::move(pattern));
}

void Network::report(Progress& progress, uint64_t examples) const {
  progress.examples.store(examples, std::memory_order_relaxed);
  progress.outputs.store(tally_.outputs, std::memory_order_relaxed);
  progress.correct.store(tally_.correct, std::memory_order_relaxed);
  progress.loss.store(tally_.loss, std::memory_order_relaxed);
}

void Network::learn(const InputView& input, const TargetView& target, double rate) {
  static const uint32_t kFirst = 0;
  TrainJob job;
  job.inputs = input;
  job.targets = target;
  job.order = &kFirst;
  job.count = 1;
  job.rates = &rate;
  job.rateCount = 1;
  if (trainsInBatchesOnly()) {
    Progress progress;
    trainInBatches(job, progress);
    return;
  }
  leaveBatches();
  configure(kKeepThreads, {});
  admit(&job, 0);
  runBlock(nullptr);
}

void Network::drain() {
  if (inPipeline()) leaveBatches();
  while (inPipeline()) {
    admit(nullptr, 0);
    runBlock(nullptr);
  }
}

/// Whether an input still has work to do: one loaded in block b works until block b + 2J - 1.
bool Network::inPipeline() const {
  return std::any_of(ring_.begin(), ring_.end(), [](const InFlight& input) { return input.present; });
}

/// Puts the next example (or a bubble, without a job) into the place of one that has done its work.
void Network::admit(const TrainJob* job, uint64_t index) {
  InFlight& entry = entryOf(blocks_);
  entry.present = job != nullptr;
  if (job == nullptr) return;
  entry.number = inputs_++;
  entry.rate = rateAt(*job, index);
  if (!next_.loaded || next_.index != index) loadExample(*job, entry, entry.number, job->order[index]);
  // Examples come in random order: their rows are asked for a few inputs early.
  if (index + kPrefetchDistance < job->count)
    prefetchRow(job->inputs, spec_.layers.front(), job->order[index + kPrefetchDistance]);
}

/// A task of the block before the input's own: its slot is not in use yet.
void Network::loadNext() {
  if (next_.job == nullptr) return;
  const TrainJob& job = *next_.job;
  loadExample(job, entryOf(blocks_ + 1), inputs_, job.order[next_.index]);
  next_.loaded = true;
}

/// Loads an example as it is, or a variation that depends on the number of the input alone.
void Network::loadExample(const TrainJob& job, const InFlight& input, uint64_t number, uint64_t row) {
  if (!job.augmentation.any()) {
    load(input, job.inputs, job.targets, row);
    return;
  }
  const uint32_t columns = spec_.layers.front();
  const size_t bytes = columns * job.inputs.elementSize();
  varied_.resize(ring_.size());
  std::vector<uint8_t>& image = varied_[input.slot];
  image.resize(bytes);
  vary(variationOf(job.augmentation, spec_.seed, number), job.augmentation.width, columns,
       job.inputs.elementSize(), static_cast<const uint8_t*>(job.inputs.data) + row * bytes, image.data());
  InputView view = job.inputs;
  view.data = image.data();
  TargetView target = job.targets;  // of this row, as if it were the first
  if (target.labels != nullptr) target.labels += row;
  if (target.flags != nullptr) target.flags += row * outputs();
  if (target.values != nullptr) target.values += row * outputs();
  load(input, view, target, 0);
}

/// One block. Without a team the calling thread does everything.
void Network::runBlock(Team* team) {
  works_.assign(junctions(), BlockWork{});
  if (spec_.schedule == Schedule::pipelined) {
    for (uint32_t junction = 0; junction < junctions(); junction++) works_[junction] = workOf(junction);
    runPhases(team);
  } else {
    sequentialStep(team);
  }
  blocks_++;
}

/// Junction j (from 0) of J works on the input that entered j blocks ago (FF) and on the one that entered 2J - 1 - j
/// blocks ago (BP and UP): docs/edge-processing.md, section 4, with loading and FF of the first junction in one block.
BlockWork Network::workOf(uint32_t junction) const {
  const uint64_t size = ring_.size();
  const auto entry = [&](uint64_t age) -> const InFlight* {
    if (blocks_ < age) return nullptr;
    const InFlight& input = ring_[(blocks_ - age) % size];
    return input.present ? &input : nullptr;
  };
  return {entry(junction), entry(2 * static_cast<uint64_t>(junctions()) - 1 - junction)};
}

/// Prepare, sweep and finish the junctions that have work. The sweeps are shared by the team, slab by slab.
void Network::runPhases(Team* team) {
  for (uint32_t junction = 0; junction < junctions(); junction++) prepare(junction, works_[junction]);
  if (team == nullptr || team->size() == 1) {
    for (uint32_t junction = 0; junction < junctions(); junction++) {
      for (uint32_t slab = 0; slab < slabsOf(junction); slab++) sweep(junction, slab, works_[junction]);
    }
  } else {
    team->run(static_cast<uint32_t>(tasks_.size()), [this](uint32_t task) { runTask(tasks_[task]); });
  }
  for (uint32_t junction = 0; junction < junctions(); junction++) finish(junction, works_[junction]);
}

void Network::runTask(const Task& task) {
  if (task.load) {
    loadNext();
  } else {
    sweep(task.junction, task.slab, works_[task.junction]);
  }
}

/// Lists the tasks of a block so that the large ones come first for the caller (who claims from the front) and for the
/// helpers (who claim from the back), and small ones fill the gap in the middle.
void Network::listTasks() {
  std::vector<uint32_t> order(junctions());
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(), [this](uint32_t a, uint32_t b) {
    return spec_.patterns[a].edges() / slabsOf(a) > spec_.patterns[b].edges() / slabsOf(b);
  });
  tasks_.clear();
  std::vector<Task> back;
  for (const uint32_t junction : order) {
    const uint32_t slabs = slabsOf(junction);
    for (uint32_t slab = 0; slab < slabs; slab++) {
      (slab < (slabs + 1) / 2 ? tasks_ : back).push_back({junction, slab, false});
    }
  }
  // A step of the sequential schedule is part of an input: the next one is loaded when its turn comes.
  if (spec_.schedule == Schedule::pipelined) tasks_.push_back({0, 0, true});
  tasks_.insert(tasks_.end(), back.rbegin(), back.rend());
}

/// One input at a time: feed-forward through all junctions, then backpropagation and update from the last to the first.
void Network::sequentialStep(Team* team) {
  InFlight* input = &entryOf(blocks_);
  if (!input->present) return;
  for (uint32_t junction = 0; junction < junctions(); junction++) {
    works_[junction].forward = input;
    runPhases(team);
    works_[junction].forward = nullptr;
  }
  for (uint32_t junction = junctions(); junction-- > 0;) {
    works_[junction].backward = input;
    runPhases(team);
    works_[junction].backward = nullptr;
  }
  input->present = false;
}

double Network::predict(const InputView& inputs, uint64_t count, uint32_t threads, float* scores,
                        uint32_t* decisions, Progress& progress) {
  const auto start = std::chrono::steady_clock::now();
  preparePredictions(inputs, count);
  constexpr uint64_t kShare = 256;  // examples a thread takes at a time, eight strips of mini-batches
  std::atomic<uint64_t> next{0};
  const auto work = [&](uint32_t) {
    const std::unique_ptr<Scratch> scratch = makeScratch();
    for (uint64_t first = next.fetch_add(kShare); first < count; first = next.fetch_add(kShare)) {
      if (progress.abort.load(std::memory_order_relaxed)) return;
      const uint64_t end = std::min(count, first + kShare);
      inferAll(*scratch, inputs, first, end, scores, decisions);
      progress.examples.fetch_add(end - first, std::memory_order_relaxed);
    }
  };
  Team team(threads);
  team.run(team.size(), work);
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void Network::inferAll(Scratch& scratch, const InputView& inputs, uint64_t first, uint64_t end, float* scores,
                       uint32_t* decisions) const {
  for (uint64_t row = first; row < end; row++) {
    infer(scratch, inputs, row, scores == nullptr ? nullptr : scores + row * outputs(),
          decisions == nullptr ? nullptr : decisions + row);
  }
}

uint32_t Network::predictOne(const InputView& input, float* scores) {
  preparePredictions(input, 1);
  if (scratch_ == nullptr) scratch_ = makeScratch();
  uint32_t decision = 0;
  infer(*scratch_, input, 0, scores, &decision);
  return decision;
}

}  // namespace sparse_train
