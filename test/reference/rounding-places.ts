import { at } from './integers.js';

/** The position of an edge among the random numbers of its junction. */
export interface Place {
  ordinal: number;
  lane: number;
}

interface Ends {
  left: number;
  right: number;
}

const STRIDE = 0x9e37;

/** The 16 random bits of a place, from the lanes of an input. */
export const numberAt = (lanes: readonly number[], { ordinal, lane }: Place): number =>
  ((lanes[lane] as number) + ordinal * STRIDE) % 65536;

/** The place of a right neuron's scaled delta. */
export const placeOfNeuron = (r: number): Place => ({ ordinal: Math.floor(r / 16), lane: r % 16 });

/** The places of edges, in the same order, and the layout that decides them. */
export function placesOf(edges: readonly Ends[]): { layout: 'tiles' | 'list'; places: Place[] } {
  const tile = ({ left, right }: Ends) => Math.floor(left / 2) * 2 ** 20 + Math.floor(right / 16);
  const tiles = [...new Set(edges.map(tile))].sort((a, b) => a - b);
  if (6 * tiles.length <= edges.length) {
    const ordinals = new Map(tiles.map((key, ordinal) => [key, ordinal]));
    const places = edges.map((edge) => ({
      ordinal: ordinals.get(tile(edge)) as number,
      lane: 2 * (edge.right % 16) + (edge.left % 2),
    }));
    return { layout: 'tiles', places };
  }
  const byLeft = [...edges.keys()].sort((a, b) => {
    const [one, other] = [at(edges, a), at(edges, b)];
    return one.left - other.left || one.right - other.right;
  });
  const places: Place[] = new Array(edges.length);
  for (const [q, e] of byLeft.entries()) places[e] = { ordinal: Math.floor(q / 32), lane: q % 32 };
  return { layout: 'list', places };
}
