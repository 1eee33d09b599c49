// The table of a kernel set, from functions of these names that the including file has defined.

namespace sparse_train {
namespace {

constexpr WideKernels makeKernels() {
  return {listBytes,        listValues,       forwardTiles,     backwardTiles, updateTiles,   momentumTiles,
          decayTiles,       finishRelu,       finishReluDeltas, scaleDeltas,   expandBytes,   markValues,
          finishReluMarked, shiftValues,      forwardBlocks,    forwardRelu,   listTiles,     updateListed,
          forwardOutputs,   errorsOutputs,    backwardOutputs,  updateOutputs, softmaxDeltas, drawLanes,
          interleaveBytes,  interleaveValues, forwardFour};
}

}  // namespace
}  // namespace sparse_train
