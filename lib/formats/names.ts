/** The formats that data are read in. */
export const FORMAT_NAMES = ['csv', 'ndjson', 'parquet', 'npy', 'npz', 'images'] as const;

/** CSV or TSV; JSON lines; Parquet; a NumPy array; several of them; a folder of PNG images for each class. */
export type FormatName = (typeof FORMAT_NAMES)[number];
