import type { InputScaling } from '../../data/scaling.js';
import type { NetworkInspection } from '../../network/inspection.js';
import type { Picture } from '../html/picture.js';
import type { LoggedMetrics, LoggedRun } from './run-log-file.js';

/** All that a report tells of one run; what is not at hand is undefined. */
export interface ReportedRun {
  /** What the report calls it; all different. */
  readonly name: string;
  readonly logged: LoggedRun | undefined;
  readonly model: ModelPart | undefined;
  readonly tested: TestedPart | undefined;
  /** What is missing and why, for the reader. */
  readonly remarks: readonly string[];
}

/** What a model file says. */
export interface ModelPart {
  readonly file: string;
  readonly bytes: number;
  readonly digest: string;
  readonly inspection: NetworkInspection;
  readonly scaling: InputScaling | undefined;
  readonly junctions: readonly JunctionPictures[];
}

/** What can be drawn of a junction. */
export interface JunctionPictures {
  /** Where edges are: left neurons from left to right, right neurons from top to bottom. */
  readonly edges: Picture;
  /** The same with weights as colours. */
  readonly weights: Picture;
  /** The weight, as a real number, that is drawn with full colour. */
  readonly limit: number;
  /** Neurons that a cell of the pictures stands for: left, right. */
  readonly cell: readonly [number, number];
  /** Of the first junction where inputs are images: what single neurons read, and how much each pixel is read. */
  readonly fields: FieldPictures | undefined;
}

/** Weights laid out as the image that they read. */
export interface FieldPictures {
  readonly neurons: readonly { readonly neuron: number; readonly picture: Picture }[];
  /** The sum of the weights' magnitudes for each pixel. */
  readonly reading: Picture;
}

/** What a model makes of data. */
export interface TestedPart {
  /** What the data are called. */
  readonly data: string;
  readonly metrics: LoggedMetrics;
  /** The examples with the largest loss, the worst first. */
  readonly worst: readonly WorstExample[];
}

/** An example and what was made of it. */
export interface WorstExample {
  /** Counted from 0 in the data. */
  readonly row: number;
  readonly truth: string;
  readonly said: string;
  /** The score of the truth and of what was said, where these are probabilities. */
  readonly probabilities: readonly [truth: number, said: number] | undefined;
  readonly picture: Picture | undefined;
  /** Inputs by name, where they are not a picture. */
  readonly inputs: readonly (readonly [name: string, value: number])[];
}
