"""One SGD step of 784-H-10 as three Triton kernels, for the hand-made CUDA graph of pytorch_cuda.py.

cuBLAS needs nine kernels for the same step. Weights stay fp32; the products are tf32, or bf16 where BF16 is set (operands rounded as
they are loaded, sums fp32). Layer 1's bias is the weight of the constant input 1 (column 784 of the rows).
"""

import triton
import triton.language as tl

#: Columns of a row of inputs: 784 pixels, the constant 1, zeros. 25 * 32.
INPUTS = 800


@triton.jit(do_not_specialize=["row", "B"])
def hidden(x, w1, h, row, B, H, K: tl.constexpr, BM: tl.constexpr, BN: tl.constexpr, BK: tl.constexpr, BF16: tl.constexpr):
    """h = relu(x w1) for B rows from `row` on."""
    rows = tl.program_id(0) * BM + tl.arange(0, BM)
    columns = tl.program_id(1) * BN + tl.arange(0, BN)
    inner = tl.arange(0, BK)
    inside = rows < B
    sums = tl.zeros((BM, BN), tl.float32)
    for k in range(0, K, BK):
        valid = k + inner < K
        a = tl.load(x + (row + rows)[:, None] * K + (k + inner)[None, :], mask=inside[:, None] & valid[None, :], other=0.0)
        b = tl.load(w1 + (k + inner)[:, None] * H + columns[None, :], mask=valid[:, None] & (columns < H)[None, :], other=0.0)
        if BF16:
            b = b.to(tl.bfloat16)
        sums = tl.dot(a, b, sums)
    sums = tl.maximum(sums, 0.0)
    tl.store(h + rows[:, None] * H + columns[None, :], sums.to(h.dtype.element_ty), mask=inside[:, None] & (columns < H)[None, :])


@triton.jit(do_not_specialize=["row", "step", "B"])
def middle(h, w2, b2, labels, rates, dz, dh, row, step, B, H, BM: tl.constexpr, BH: tl.constexpr, SLICE: tl.constexpr):
    """dz = rate / B * (softmax(h w2 + b2) - onehot(label)) and dh = dz w2^T where h > 0; each program writes SLICE columns of dh."""
    rows = tl.program_id(0) * BM + tl.arange(0, BM)
    inside = rows < B
    classes = tl.arange(0, 16)
    inner = tl.arange(0, BH)
    z = tl.zeros((BM, 16), tl.float32)
    for k in range(0, H, BH):
        valid = k + inner < H
        a = tl.load(h + rows[:, None] * H + (k + inner)[None, :], mask=inside[:, None] & valid[None, :], other=0.0).to(tl.float32)
        b = tl.load(w2 + (k + inner)[:, None] * 16 + classes[None, :], mask=valid[:, None], other=0.0)
        z = tl.dot(a, b, z)
    z += tl.load(b2 + classes)[None, :]
    z = tl.where((classes < 10)[None, :], z, -1e30)
    e = tl.exp(z - tl.max(z, 1)[:, None])
    p = e / tl.sum(e, 1)[:, None]
    label = tl.load(labels + row + rows, mask=inside, other=0)
    rate = tl.load(rates + step) / B
    d = tl.where(inside[:, None], (p - (label[:, None] == classes[None, :]).to(tl.float32)) * rate, 0.0)
    if tl.program_id(1) == 0:
        tl.store(dz + rows[:, None] * 16 + classes[None, :], d, mask=inside[:, None])
    first = tl.program_id(1) * SLICE
    for k in range(0, SLICE, BH):
        columns = first + k + inner
        mask = inside[:, None] & (columns < H)[None, :]
        b = tl.load(w2 + columns[None, :] * 16 + classes[:, None], mask=(columns < H)[None, :], other=0.0)
        g = tl.dot(d, b)
        active = tl.load(h + rows[:, None] * H + columns[None, :], mask=mask, other=0.0).to(tl.float32)
        tl.store(dh + rows[:, None] * H + columns[None, :], tl.where(active > 0, g, 0.0).to(dh.dtype.element_ty), mask=mask)


@triton.jit(do_not_specialize=["row", "B", "tiles"])
def update(
    x, h, dz, dh, w1, w2, b2, v1, v2, vb, row, B, H, tiles, momentum,
    K: tl.constexpr, BM: tl.constexpr, BN: tl.constexpr, BK: tl.constexpr, MOMENTUM: tl.constexpr, BF16: tl.constexpr,
):  # fmt: skip
    """w1 -= x^T dh, w2 -= h^T dz, b2 -= sum dz: the first `tiles` programs a tile of w1 each, the others rows of w2."""
    program = tl.program_id(0)
    inner = tl.arange(0, BK)
    if program < tiles:
        across = tl.cdiv(H, BN)
        m = (program // across) * BM + tl.arange(0, BM)
        n = (program % across) * BN + tl.arange(0, BN)
        sums = tl.zeros((BM, BN), tl.float32)
        for k in range(0, B, BK):
            valid = k + inner < B
            a = tl.load(x + (row + k + inner)[None, :] * K + m[:, None], mask=valid[None, :] & (m < K)[:, None], other=0.0)
            g = tl.load(dh + (k + inner)[:, None] * H + n[None, :], mask=valid[:, None] & (n < H)[None, :], other=0.0)
            sums = tl.dot(a, g, sums)
        at = m[:, None] * H + n[None, :]
        mask = (m < K)[:, None] & (n < H)[None, :]
        if MOMENTUM:
            sums += momentum * tl.load(v1 + at, mask=mask, other=0.0)
            tl.store(v1 + at, sums, mask=mask)
        tl.store(w1 + at, tl.load(w1 + at, mask=mask, other=0.0) - sums, mask=mask)
    else:  # names differ from those above, because the compiler requires one type per name
        classes = tl.arange(0, 16)
        hm = (program - tiles) * BM + tl.arange(0, BM)
        second = tl.zeros((BM, 16), tl.float32)
        ones = tl.zeros((16,), tl.float32)
        for k in range(0, B, BK):
            hvalid = k + inner < B
            ha = tl.load(h + (k + inner)[None, :] * H + hm[:, None], mask=hvalid[None, :] & (hm < H)[:, None], other=0.0).to(tl.float32)
            hg = tl.load(dz + (k + inner)[:, None] * 16 + classes[None, :], mask=hvalid[:, None], other=0.0)
            second = tl.dot(ha, hg, second)
            ones += tl.sum(hg, 0)
        hat = hm[:, None] * 16 + classes[None, :]
        hmask = (hm < H)[:, None] & (classes < 16)[None, :]
        if MOMENTUM:
            second += momentum * tl.load(v2 + hat, mask=hmask, other=0.0)
            tl.store(v2 + hat, second, mask=hmask)
        tl.store(w2 + hat, tl.load(w2 + hat, mask=hmask, other=0.0) - second, mask=hmask)
        if program == tiles:
            if MOMENTUM:
                ones += momentum * tl.load(vb + classes)
                tl.store(vb + classes, ones)
            tl.store(b2 + classes, tl.load(b2 + classes) - ones)


#: Tile shapes to choose from by measurement, for each batch and width: (BM, BN, BK, warps, stages).
HIDDEN_TILES = [(16, 16, 128, 4, 4), (16, 32, 64, 4, 4), (32, 32, 64, 4, 4), (64, 32, 64, 4, 4), (64, 64, 64, 4, 4), (128, 64, 32, 4, 4)]
UPDATE_TILES = [(16, 32, 32, 2, 3), (32, 32, 32, 2, 4), (32, 32, 64, 4, 4), (64, 64, 32, 4, 4), (64, 64, 64, 4, 4), (32, 64, 128, 4, 3)]
