/** A field-programmable gate array, with the numbers of its data sheet. */
export interface Device {
  /** Its name on the command line. */
  readonly name: string;
  readonly title: string;
  /** Multiply-add units: DSP48E1 (25 x 18 bits) or DSP48E2 (27 x 18). */
  readonly multipliers: number;
  /** Block RAMs of 36 kbit, each usable as two of 18. */
  readonly blocks: number;
  /** Look-up tables that can serve as distributed RAM, 64 bits each. */
  readonly lutRams: number;
  /** The data sheet. */
  readonly source: string;
}

const SERIES7 = 'DS180, 7 Series FPGAs Data Sheet: Overview';
const ZYNQ = 'DS190, Zynq-7000 SoC Data Sheet: Overview';
const ULTRASCALE = 'DS890, UltraScale Architecture and Product Data Sheet: Overview';
const ZYNQ_PLUS = 'DS891, Zynq UltraScale+ MPSoC Data Sheet: Overview';

/** Computed from the data sheet's maximum of distributed RAM, which is in kbit. */
const lutRams = (kbits: number) => Math.floor((kbits * 1024) / 64);

/** Devices that the planner knows, smallest first. */
export const DEVICES: readonly Device[] = [
  {
    name: 'xc7a35t',
    title: 'AMD Artix-7 XC7A35T (Arty A7-35, Basys 3)',
    multipliers: 90,
    blocks: 50,
    lutRams: lutRams(400),
    source: SERIES7,
  },
  {
    name: 'xc7z020',
    title: 'AMD Zynq-7000 XC7Z020 (PYNQ-Z1, ZedBoard)',
    multipliers: 220,
    blocks: 140,
    lutRams: 17_400,
    source: ZYNQ,
  },
  {
    name: 'xc7a100t',
    title: "AMD Artix-7 XC7A100T (Nexys 4: the paper's)",
    multipliers: 240,
    blocks: 135,
    lutRams: lutRams(1188),
    source: SERIES7,
  },
  {
    name: 'xc7a200t',
    title: 'AMD Artix-7 XC7A200T',
    multipliers: 740,
    blocks: 365,
    lutRams: lutRams(2888),
    source: SERIES7,
  },
  {
    name: 'xc7k325t',
    title: 'AMD Kintex-7 XC7K325T (KC705)',
    multipliers: 840,
    blocks: 445,
    lutRams: lutRams(4000),
    source: SERIES7,
  },
  {
    name: 'xcku5p',
    title: 'AMD Kintex UltraScale+ KU5P (KCU116)',
    multipliers: 1824,
    blocks: 480,
    lutRams: lutRams(6246),
    source: ULTRASCALE,
  },
  {
    name: 'xczu9eg',
    title: 'AMD Zynq UltraScale+ ZU9EG (ZCU102)',
    multipliers: 2520,
    blocks: 912,
    lutRams: 144_000,
    source: ZYNQ_PLUS,
  },
  {
    name: 'xc7vx485t',
    title: 'AMD Virtex-7 XC7VX485T (VC707)',
    multipliers: 2800,
    blocks: 1030,
    lutRams: lutRams(8175),
    source: SERIES7,
  },
];

/** The device of that name, whatever its case; undefined if it is not known. */
export function findDevice(name: string): Device | undefined {
  return DEVICES.find((device) => device.name === name.toLowerCase());
}

/** DSP slices for a product of two numbers of `width` bits: one slice multiplies 18 signed bits. */
export function slicesPerProduct(width: number): number {
  return Math.ceil(width / 18) ** 2;
}

/** Shapes of a block RAM of 18 kbit: rows, bits. */
const HALF_BLOCKS = [
  [512, 36],
  [1024, 18],
  [2048, 9],
  [4096, 4],
  [8192, 2],
  [16384, 1],
] as const;

/** Halves of a block RAM for a memory of this depth and width, with one read port and one write port. */
export function halfBlocks(depth: number, width: number): number {
  return Math.min(...HALF_BLOCKS.map(([rows, bits]) => Math.ceil(depth / rows) * Math.ceil(width / bits)));
}

/** The most rows for which a memory becomes distributed RAM instead of block RAM. */
export const LUT_ROWS = 64;

/** Look-up tables for a memory of up to {@link LUT_ROWS} rows: four hold 32 x 6 or 64 x 3 bits (UG474, RAM32M and RAM64M). */
export function lutsFor(depth: number, width: number): number {
  return 4 * Math.ceil(width / (depth <= 32 ? 6 : 3));
}
