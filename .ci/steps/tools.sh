# Installs the Debian packages that the steps need: compilers, test tools, an ARM emulator, a browser, a Redis server.
source .ci/shared.sh
wanted=(build-essential binutils ccache cmake googletest python3 python3-venv clang-format clang-tidy
  clang libclang-rt-dev g++-aarch64-linux-gnu qemu-user dataset-fashion-mnist chromium redis-server zsh fish)
missing=()
for name in "${wanted[@]}"; do
  dpkg-query --show --showformat='${db:Status-Status}' "$name" 2>/dev/null | grep -qx installed || missing+=("$name")
done
[ ${#missing[@]} -gt 0 ] || { echo "all installed: ${wanted[*]}"; exit; }
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
quietly apt apt-get install -y -qq --no-install-recommends "${missing[@]}"
echo "installed: ${missing[*]}"
