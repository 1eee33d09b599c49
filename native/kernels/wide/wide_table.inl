// The table of a kernel set, made from functions with these names in the including file.

namespace sparse_train {
namespace {

constexpr WideKernels makeKernels() {
  return {listBytes,    listValues,     forwardTiles,     backwardTiles,    updateTiles,   momentumTiles,
          decayTiles,   finishRelu,     finishReluDeltas, scaleDeltas,      expandBytes,   expandFixed,
          expandFloats, expandDoubles,  markValues,       finishReluMarked, shiftValues,   forwardBlocks,
          forwardRelu,  listTiles,      listBins,         forwardActive,    listMoving,    updateListed,
          momentumAll,  forwardOutputs, errorsOutputs,    backwardOutputs,  updateOutputs, softmaxDeltas,
          drawLanes,    forwardEdges,   backwardEdges,    updateEdges,      forwardFour};
}

}  // namespace
}  // namespace sparse_train
