# Exports, read by their target programs: onnxruntime, a C compiler, scipy, safetensors, TensorBoard.
source .ci/shared.sh
python=$(python_with onnx onnxruntime numpy scipy safetensors tensorboard)
node scripts/check-exports.mjs "$python"
