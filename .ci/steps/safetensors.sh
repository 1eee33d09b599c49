# A trained model's file, read by Python's safetensors.
source .ci/shared.sh
python=$(python_with safetensors numpy)
command=$PWD/dist/cli/main.js script=$PWD/scripts/check-safetensors.py
mkdir "$SCRATCH/model"
cd "$SCRATCH/model"
node "$command" mnist --epochs 1 --json >/dev/null
ls
"$python" "$script" ./*.safetensors
