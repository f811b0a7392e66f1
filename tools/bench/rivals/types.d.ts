// What the programs of the rivals' bench share.

/** A program that is being compared, as main.js names it. */
export interface Competitor {
  id: string;
  label: string;
  /** Where it computes; `native` stands for a process outside the browser. */
  kind: 'cpu' | 'webgpu' | 'native';
  /** The file of its forward pass in this folder; null for the Python process. */
  module: string | null;
  options: { backend?: string; helpers?: number; threads?: number };
}

/** What a program of the page is opened with. */
export interface Setup {
  weights: Blob;
  graphs: { forward: Blob; unembed: Blob };
  config: Record<string, number & string>;
  /** Address of the repository's root. */
  root: string;
  options: Competitor['options'];
}

/** A piece of work, the same for every program. */
export interface Work {
  /**
   * `text`: the figures of one sequence. `edit`: the same, after a run of `before`. `unembed`:
   * log-probabilities from the embeddings alone. `repeated`: the figures of a batch `[first, x, x]`.
   * `ablate`: the loss of one sequence without each head in turn.
   */
  what: 'text' | 'edit' | 'unembed' | 'repeated' | 'ablate';
  /** Token ids, `[sequence][position]`; one sequence, except of `repeated`. */
  rows: number[][];
  before?: number[];
  /** Tokens of one copy, of `repeated`. */
  seqLen?: number;
  /** The head whose pattern is asked for. */
  layer: number;
  head: number;
  /** The query positions whose rows of the pattern are compared. All rows are computed. */
  samples: number[];
}

/** What a program computes. A figure that the work does not ask for is absent. */
export interface Figures {
  /** The log-probability of each token but the first, `[sequence * position]`. */
  logProbs: ArrayLike<number>;
  /**
   * Mean weights on the current, the previous and the first token, `[kind][head]`, heads of layer 0 first.
   */
  means?: ArrayLike<number>[];
  /** Mean weight on the token `seqLen - 1` before, `[head]`. */
  stripe?: ArrayLike<number>;
  /** A pattern, `[query_pos, key_pos]`. */
  pattern?: ArrayLike<number>;
  /** Loss without each head minus the loss of the whole model, `[head]`. */
  lossIncrease?: ArrayLike<number>;
}

/** A program that has loaded the model. */
export interface Runner {
  adapter: string;
  version: string;
  /** Does what is not timed: runs the text before an edit, loads the graph of the unembedding. */
  prepare?(work: Work): Promise<void>;
  make(work: Work): Promise<Figures>;
  /** Bytes, where the program counts them by itself. */
  memory?(): Promise<{ wasm: number; gpu: number }>;
  /** Ends workers of its own. */
  close?(): void;
}

/** The answer of a program. */
export interface Answer {
  ms: number;
  figures: Figures;
  memory: { wasm: number; gpu: number };
}

/** What a program says after loading. */
export interface Opened {
  ms: number;
  adapter: string;
  version: string;
  memory: { wasm: number; gpu: number };
}
