# Checks that no instruction of a newer CPU is outside its kernel set, and that old CPUs (emulated) load the
# addon and choose their set.
source .ci/shared.sh
node scripts/check-isa-leak.mjs
for want in Nehalem=scalar Haswell=avx2; do
  cpu=${want%=*} want=${want#*=}
  got=$(qemu-x86_64 -cpu "$cpu" "$(command -v node)" --jitless -p \
    "require('./build/Release/sparse_train.node').kernelSets().at(-1)" 2>"$SCRATCH/qemu.log") ||
    { cat "$SCRATCH/qemu.log"; exit 1; }
  echo "$cpu: $got"
  [ "$got" = "$want" ] || { echo "expected $want on $cpu"; exit 1; }
done
