# Exports, read by the programs that they are for: onnxruntime, a C compiler, scipy, safetensors, TensorBoard.
source .ci/shared.sh
python=$(python_with onnx onnxruntime numpy scipy safetensors tensorboard)
node scripts/check-exports.mjs "$python"
