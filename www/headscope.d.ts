export type BackendChoice = 'auto' | 'webgpu' | 'cpu';
export type OwnFiles = {
    /**
     * a safetensors file of f32, f16 or bf16 tensors under TransformerLens' names; or its
     * address, a string being relative to the page
     */
    weights: Blob | URL | string;
    /**
     * the model's `HookedTransformerConfig`, or the config.json that has it
     */
    config?: object | Blob;
    /**
     * a Hugging Face tokenizer.json, or its address; without it the model runs on ids
     */
    tokenizer?: Blob | URL | string;
};
export type Source = string | OwnFiles | Download;
export type LoadOptions = {
    /**
     * called as bytes arrive; both in bytes, over
     * all files of the model. `total` grows with `loaded` where a server does not tell a file's length
     */
    onProgress?: (progress: {
        loaded: number;
        total: number;
    }) => void;
    signal?: AbortSignal;
};
export type Config = {
    n_layers: number;
    /**
     * of each layer
     */
    n_heads: number;
    d_model: number;
    d_head: number;
    /**
     * most tokens in a run
     */
    n_ctx: number;
    d_vocab: number;
    normalization_type: 'LN' | 'LNPre' | null;
    positional_embedding_type: 'standard' | 'shortformer';
    /**
     * added to the variance where there is a normalization
     */
    eps: number;
};
export type Encoding = {
    ids: Uint32Array;
    /**
     * what each id alone decodes to
     */
    pieces: string[];
};
export type Timing = {
    /**
     * in the engine, from the text or the ids to the figures
     */
    run_ms: number;
    /**
     * back from the GPU; 0 on the CPU
     */
    bytes_read: number;
    /**
     * of GPU kernels; 0 on the CPU
     */
    dispatches: number;
    /**
     * tokens at the start that were as in the run before, and not computed again
     */
    reused: number;
};
export type Thresholds = {
    /**
     * a row counts when the candidate's weight is its largest and above this; 0.4
     */
    active?: number;
    /**
     * a head is named when more than this part of its rows counts; 0.3
     */
    fraction?: number;
    /**
     * the same for the mean score; 0.4
     */
    mean?: number;
};
export type Scores = (number | null)[][];
export type Dominant = {
    /**
     * `[layer][head]`, counted rows / seq
     */
    fraction: number[][];
    /**
     * those named, as `layer.head`
     */
    heads: string[];
};
export type Detection = {
    /**
     * definition 1
     */
    dominant: {
        current: Dominant;
        previous: Dominant;
        first: Dominant;
    };
    /**
     * definition 2; `previous` is undefined for one token
     */
    mean: {
        current: Scores;
        previous: Scores;
        first: Scores;
    };
    /**
     * definition 4; undefined where no token occurs twice
     */
    token_matching: {
        induction: Scores;
        duplicate: Scores;
    };
    /**
     *   definition 3
     */
    head_detector: Record<'previous_token_head' | 'duplicate_token_head' | 'induction_head', {
        mul: Scores;
        abs: Scores;
    }>;
    /**
     * definition 5: what uniform causal attention scores on this very text
     */
    null: NullLine;
};
export type NullLine = {
    dominant: {
        current: number;
        previous: number;
        first: number;
    };
    mean: {
        current: number | null;
        previous: number | null;
        first: number | null;
    };
    token_matching: {
        induction: number | null;
        duplicate: number | null;
    };
    head_detector: Record<'previous_token_head' | 'duplicate_token_head' | 'induction_head', {
        mul: number;
        abs: number;
    }>;
    /**
     * whether uniform
     * attention would be named at these thresholds, so that naming a head says nothing
     */
    passes: Record<'dominant' | 'mean', {
        current: boolean;
        previous: boolean;
        first: boolean;
    }>;
};
/**
 * What computes. `auto` takes WebGPU where there is a real GPU, and the CPU where there is none or only a CPU that poses
 * as one. `webgpu` takes any adapter there is.
 * @typedef {'auto' | 'webgpu' | 'cpu'} BackendChoice
 *
 * @typedef {object} OwnFiles a model of one's own
 * @property {Blob | URL | string} weights a safetensors file of f32, f16 or bf16 tensors under TransformerLens' names; or its
 *   address, a string being relative to the page
 * @property {object | Blob} [config] the model's `HookedTransformerConfig`, or the config.json that has it
 * @property {Blob | URL | string} [tokenizer] a Hugging Face tokenizer.json, or its address; without it the model runs on ids
 *
 * @typedef {string | OwnFiles | Download} Source `'default'`, another id of models/catalogue.json, files of one's own, or
 *   what `Headscope.download` gave
 *
 * @typedef {object} LoadOptions
 * @property {(progress: { loaded: number, total: number }) => void} [onProgress] called as bytes arrive; both in bytes, over
 *   all files of the model. `total` grows with `loaded` where a server does not tell a file's length
 * @property {AbortSignal} [signal]
 *
 * @typedef {object} Config the fields of TransformerLens' configuration that matter here
 * @property {number} n_layers
 * @property {number} n_heads of each layer
 * @property {number} d_model
 * @property {number} d_head
 * @property {number} n_ctx most tokens in a run
 * @property {number} d_vocab
 * @property {'LN' | 'LNPre' | null} normalization_type
 * @property {'standard' | 'shortformer'} positional_embedding_type
 * @property {number} eps added to the variance where there is a normalization
 *
 * @typedef {object} Encoding
 * @property {Uint32Array} ids
 * @property {string[]} pieces what each id alone decodes to
 *
 * @typedef {object} Timing
 * @property {number} run_ms in the engine, from the text or the ids to the figures
 * @property {number} bytes_read back from the GPU; 0 on the CPU
 * @property {number} dispatches of GPU kernels; 0 on the CPU
 * @property {number} reused tokens at the start that were as in the run before, and not computed again
 *
 * @typedef {object} Thresholds
 * @property {number} [active] a row counts when the candidate's weight is its largest and above this; 0.4
 * @property {number} [fraction] a head is named when more than this part of its rows counts; 0.3
 * @property {number} [mean] the same for the mean score; 0.4
 *
 * @typedef {(number | null)[][]} Scores one figure a head, `[layer][head]`; null where it is undefined on this text
 *
 * @typedef {object} Dominant
 * @property {number[][]} fraction `[layer][head]`, counted rows / seq
 * @property {string[]} heads those named, as `layer.head`
 *
 * @typedef {object} Detection the figures of every head, by the definitions of DEFINITIONS.md
 * @property {{ current: Dominant, previous: Dominant, first: Dominant }} dominant definition 1
 * @property {{ current: Scores, previous: Scores, first: Scores }} mean definition 2; `previous` is undefined for one token
 * @property {{ induction: Scores, duplicate: Scores }} token_matching definition 4; undefined where no token occurs twice
 * @property {Record<'previous_token_head' | 'duplicate_token_head' | 'induction_head', { mul: Scores, abs: Scores }>} head_detector
 *   definition 3
 * @property {NullLine} null definition 5: what uniform causal attention scores on this very text
 *
 * @typedef {object} NullLine one figure a detector
 * @property {{ current: number, previous: number, first: number }} dominant
 * @property {{ current: number | null, previous: number | null, first: number | null }} mean
 * @property {{ induction: number | null, duplicate: number | null }} token_matching
 * @property {Record<'previous_token_head' | 'duplicate_token_head' | 'induction_head', { mul: number, abs: number }>} head_detector
 * @property {Record<'dominant' | 'mean', { current: boolean, previous: boolean, first: boolean }>} passes whether uniform
 *   attention would be named at these thresholds, so that naming a head says nothing
 */
/** The engine: a worker, and what it computes with. */
export declare class Headscope {
    #private;
    /**
     * Called when the worker died or the GPU went away, with the error (`WorkerDied` or `GpuLost`). The next call starts
     * another one, perhaps on another backend: see {@link Headscope.backend} after it.
     * @type {((error: Error) => void) | null}
     */
    onLost: ((error: Error) => void) | null;
    /** @private @param {BackendChoice} backend */
    private constructor();
    /**
     * Starts an engine.
     *
     * Rejects with `GpuUnavailable` when `webgpu` is asked for and there is no adapter, with `WorkerDied` when the engine's files
     * can't be loaded.
     * @param {{ backend?: BackendChoice }} [options]
     * @returns {Promise<Headscope>}
     */
    static open({ backend }?: {
        backend?: BackendChoice;
    }): Promise<Headscope>;
    /**
     * Brings a model's files here, before there is an engine or for several of them. `loadModel` takes what it gives.
     *
     * Rejects with `ModelNotFound` for an id that the catalogue does not have, with `ModelFetch` when a file can't be had:
     * the server says so, an HTML page is in its place, it is cut short.
     * @param {Source} source
     * @param {LoadOptions} [options]
     * @returns {Promise<Download>}
     */
    static download(source: Source, options?: LoadOptions): Promise<Download>;
    /** What computes: `'webgpu'` or `'cpu'`. */
    get backend(): "cpu" | "webgpu";
    /** What the GPU, or the CPU backend, calls itself. */
    get adapter(): string;
    /** Whether the WebGPU adapter is a CPU in disguise. */
    get software(): boolean;
    /** Why `auto` took the CPU, in one sentence; null where it did not. @returns {string | null} */
    get reason(): string | null;
    /**
     * Loads a model.
     *
     * Rejects as {@link Headscope.download} does, and with `CheckpointFormat`, `FileRead`, `MissingTensor`, `UnexpectedTensor`,
     * `TensorShape`, `TensorDtype`, `NonFiniteWeight`, `ConfigInvalid`, `TokenizerInvalid` or `GpuLimit` when the files are
     * here and can't be used.
     * @param {Source} source
     * @param {LoadOptions} [options]
     * @returns {Promise<Model>}
     */
    loadModel(source: Source, options?: LoadOptions): Promise<Model>;
    /** Ends the worker and gives back all it held. What was not done rejects with `Freed`. */
    close(): void;
}
/** A model, loaded. */
export declare class Model {
    #private;
    /** Its id in models/catalogue.json; `''` for files of one's own. */
    id: string;
    /** What a person calls it: the catalogue's name, or the name of the weights file. */
    name: string;
    /** Of the weights file, 64 hex digits. */
    sha256: string;
    config: Config;
    /** Whether it can be run on text. */
    hasTokenizer: boolean;
    /** @private @param {Jobs} jobs @param {import('./engine/held.js').ModelFacts} facts */
    private constructor();
    /**
     * The tokens of a text, of any length, without the BOS that `run` prepends.
     *
     * Rejects with `NoTokenizer`.
     * @param {string} text
     * @returns {Promise<Encoding>}
     */
    encode(text: string): Promise<Encoding>;
    /**
     * Runs the model. A text of more than `n_ctx` tokens is run up to there: see {@link Run.dropped}.
     *
     * Rejects with `EmptyInput`, `NoTokenizer`, `TokenOutOfRange`, `GpuLimit`, and with `TooManyTokens` for too many ids.
     * @param {string | Iterable<number>} textOrIds ids are taken as they are: no BOS is prepended
     * @param {object} [options]
     * @param {boolean} [options.prependBos] whether a text gets the model's BOS token before it
     * @param {AbortSignal} [options.signal]
     * @returns {Promise<Run>}
     */
    run(textOrIds: string | Iterable<number>, { prependBos, signal }?: {
        prependBos?: boolean;
        signal?: AbortSignal;
    }): Promise<Run>;
    /** Gives back what it holds. Its runs stay readable until the worker is started again, so free them first. */
    free(): void;
}
/** A finished run: what the model did with one sequence of `seq` tokens. What is asked of it is read or computed then. */
export declare class Run {
    #private;
    /** The tokens, `[seq]`. @type {Uint32Array} */
    ids: Uint32Array;
    /** What each id alone decodes to, `[seq]`. */
    pieces: string[];
    /** How many tokens there are, BOS included. */
    seq: number;
    /** How much of the text, in UTF-16 units at its end, was past `n_ctx` and is not in the run. */
    dropped: number;
    timing: Timing;
    /** @private @param {import('./engine/held.js').RunFacts} facts */
    private constructor();
    /**
     * One head's attention pattern, `[query_pos, key_pos]` of `seq * seq`: rows sum to 1, and are 0 after the diagonal.
     *
     * Rejects with `HeadOutOfRange`.
     * @param {number} layer
     * @param {number} head
     * @returns {Promise<Float32Array>}
     */
    pattern(layer: number, head: number): Promise<Float32Array>;
    /**
     * The mean of all heads' patterns, `[query_pos, key_pos]`.
     * @returns {Promise<Float32Array>}
     */
    meanPattern(): Promise<Float32Array>;
    /**
     * All heads' patterns made small: `cells` is `[layer, head, query_cell, key_cell]` of `side * side` a head, `side` the
     * smaller of `seq` and 64; cell `c` covers the positions from `floor(c * seq / side)` up to the next cell's, and is the
     * largest weight in it times 255, so that thin diagonals stay visible.
     * @returns {Promise<{ side: number, cells: Uint8Array }>}
     */
    thumbnails(): Promise<{
        side: number;
        cells: Uint8Array;
    }>;
    /**
     * The log-probability of each next token, natural logarithm, `[seq - 1]`: entry `t` is that of token `t + 1` after the
     * tokens up to `t`. Empty for a run of one token.
     * @returns {Promise<Float32Array>}
     */
    logProbs(): Promise<Float32Array>;
    /**
     * The logits at one position, `[d_vocab]`.
     *
     * Rejects with `PositionOutOfRange`.
     * @param {number} pos
     * @returns {Promise<Float32Array>}
     */
    logits(pos: number): Promise<Float32Array>;
    /**
     * The residual stream before or after a layer, `[seq, d_model]`: TransformerLens' `hook_resid_pre` and `hook_resid_post`.
     *
     * Rejects with `HeadOutOfRange` for a layer that the model does not have.
     * @param {number} layer
     * @param {'pre' | 'post'} place
     * @returns {Promise<Float32Array>}
     */
    residual(layer: number, place: 'pre' | 'post'): Promise<Float32Array>;
    /**
     * What the detectors say of every head. Other thresholds on the same run cost nothing to speak of.
     * @param {Thresholds} [thresholds]
     * @returns {Promise<Detection>}
     */
    detect({ active, fraction, mean }?: Thresholds): Promise<Detection>;
    /** Gives back what it holds. */
    free(): void;
}
/** A model's files, all here: what `Headscope.download` gives and `loadModel` takes. */
export declare class Download {
    #private;
    /** @private @param {import('./store.js').ModelFiles} files */
    private constructor();
}
