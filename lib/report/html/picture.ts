import { encode } from 'fast-png';
import { type Html, html } from './escape.js';

/** Pixels to show in a page. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** 1: grey; 3: red, green, blue; 4: red, green, blue, opacity. Each is 0 to 255. */
  readonly channels: 1 | 3 | 4;
  /** Row by row. */
  readonly data: Uint8Array;
}

/** An image element with its alternative text. */
export function picture(pixels: Picture, description: string): Html {
  return image(pixels, description, pixels);
}

/** The least and most screen pixels for a cell of a matrix, and for the whole matrix. */
const CELL = 20;
const SIZE = { width: 520, least: 72, height: 280 };

/**
 * A picture of a matrix, one pixel for each cell. Cells of small matrices are square. Those of large, very wide or very
 * high matrices are stretched, so that the whole matrix is visible on a screen, beside another one.
 */
export function matrixPicture(pixels: Picture, description: string): Html {
  const { width: columns, height: rows } = pixels;
  const width = Math.min(SIZE.width, Math.max(SIZE.least, columns * CELL));
  const height = Math.min(SIZE.height, Math.max(SIZE.least, (rows * width) / columns));
  return image(pixels, description, { width, height: Math.round(height) });
}

function image(
  pixels: Picture,
  description: string,
  shown: { readonly width: number; readonly height: number },
): Html {
  const { width, height, channels, data } = pixels;
  const png = encode({ width, height, channels, depth: 8, data });
  const source = `data:image/png;base64,${Buffer.from(png).toString('base64')}`;
  return html`<img class="pixels" alt="${description}" width="${shown.width}" height="${shown.height}" src="${source}">`;
}

/** A colour as red, green and blue, 0 to 255. */
export type Rgb = readonly [number, number, number];

/**
 * Colours for values below and above zero. All kinds of colour vision can tell them apart, on light and dark
 * backgrounds.
 */
export const NEGATIVE: Rgb = [214, 90, 20];
export const POSITIVE: Rgb = [32, 120, 220];

/**
 * Converts values to colours: orange below zero, blue above. They become more opaque with the distance from zero, and
 * are opaque from `limit` on.
 */
export function divergingPicture(
  values: Float32Array | Float64Array,
  width: number,
  height: number,
  limit: number,
): Picture {
  const data = new Uint8Array(4 * width * height);
  for (const [i, value] of values.entries()) {
    const strength = limit > 0 ? Math.min(1, Math.abs(value) / limit) : 0;
    data.set(value < 0 ? NEGATIVE : POSITIVE, 4 * i);
    data[4 * i + 3] = Math.round(255 * Math.sqrt(strength));
  }
  return { width, height, channels: 4, data };
}
