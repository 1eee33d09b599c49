/** The names of the data formats. */
export const FORMAT_NAMES = ['csv', 'ndjson', 'parquet', 'npy', 'npz', 'images'] as const;

/**
 * CSV or TSV; JSON lines; Parquet; one NumPy array; several NumPy arrays; a folder with one folder of PNG
 * images per class.
 */
export type FormatName = (typeof FORMAT_NAMES)[number];
