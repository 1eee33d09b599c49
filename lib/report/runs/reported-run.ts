import type { InputScaling } from '../../data/scaling.js';
import type { NetworkInspection } from '../../network/inspection.js';
import type { Picture } from '../html/picture.js';
import type { LoggedMetrics, LoggedRun } from './run-log-file.js';

/** Everything that a report shows about one run; undefined where it is not available. */
export interface ReportedRun {
  /** Its name in the report; names are unique. */
  readonly name: string;
  readonly logged: LoggedRun | undefined;
  readonly model: ModelPart | undefined;
  readonly tested: TestedPart | undefined;
  /** Notes for the reader about missing parts, with the reasons. */
  readonly remarks: readonly string[];
}

/** The contents of a model file. */
export interface ModelPart {
  readonly file: string;
  readonly bytes: number;
  readonly digest: string;
  readonly inspection: NetworkInspection;
  readonly scaling: InputScaling | undefined;
  readonly junctions: readonly JunctionPictures[];
}

/** The pictures and numbers of a junction. */
export interface JunctionPictures {
  /** A picture of the edges: left neurons from left to right, right neurons from top to bottom. */
  readonly edges: Picture;
  /** The same picture with weights as colours. */
  readonly weights: Picture;
  /** The weight (a real number) that has the full colour. */
  readonly limit: number;
  /** The number of neurons per cell of the pictures: left, right. */
  readonly cell: readonly [number, number];
  /**
   * For the first junction if inputs are images: pictures of single neurons' weights, and of how strongly each pixel is
   * read.
   */
  readonly fields: FieldPictures | undefined;
}

/** A neuron's weights at the positions of the pixels that they read. */
export interface FieldPictures {
  readonly neurons: readonly { readonly neuron: number; readonly picture: Picture }[];
  /** The sum of the weights' magnitudes for each pixel. */
  readonly reading: Picture;
}

/** A model's results on data. */
export interface TestedPart {
  /** The data's name. */
  readonly data: string;
  readonly metrics: LoggedMetrics;
  /** The examples with the largest loss, the worst first. */
  readonly worst: readonly WorstExample[];
}

/** An example with its prediction. */
export interface WorstExample {
  /** Its row in the data, counted from 0. */
  readonly row: number;
  readonly truth: string;
  readonly said: string;
  /** The scores of the true and of the predicted class, if scores are probabilities. */
  readonly probabilities: readonly [truth: number, said: number] | undefined;
  readonly picture: Picture | undefined;
  /** The first inputs by name, unless they are an image. A column of categories is one input, with its category. */
  readonly inputs: readonly (readonly [name: string, value: number | string])[];
  /** The number of inputs after these. */
  readonly inputsLeftOut: number;
}
