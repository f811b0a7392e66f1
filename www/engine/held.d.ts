export type Jobs = import('./jobs.js').Jobs;
export type Thread = import('./thread.js').Thread;
export type ModelFacts = {
    held: Held;
    id: string;
    name: string;
    sha256: string;
    config: import('../headscope.js').Config;
    hasTokenizer: boolean;
};
export type RunInfo = {
    run: number;
    ids: Uint32Array;
    pieces: string[];
    seq: number;
    dropped: number;
    timing: import('../headscope.js').Timing;
};
export type RunFacts = {
    held: Held;
    info: RunInfo;
    model: import('../headscope.js').Model;
};
/**
 * @typedef {import('./jobs.js').Jobs} Jobs
 * @typedef {import('./thread.js').Thread} Thread
 *
 * What the public classes are made of.
 * @typedef {{ held: Held, id: string, name: string, sha256: string, config: import('../headscope.js').Config, hasTokenizer: boolean }} ModelFacts
 * @typedef {{ run: number, ids: Uint32Array, pieces: string[], seq: number, dropped: number, timing: import('../headscope.js').Timing }} RunInfo
 * @typedef {{ held: Held, info: RunInfo, model: import('../headscope.js').Model }} RunFacts
 */
/**
 * A thing that lives in the worker under a handle, a model or a run, together with how to make it again: when the worker
 * that had it is gone, the next use makes it in the new one.
 */
export declare class Held {
    #private;
    /**
     * @param {Jobs} jobs
     * @param {object} thing
     * @param {string} thing.name what a person calls it
     * @param {(thread: Thread) => Promise<number>} thing.make
     * @param {string} thing.release the engine's method that frees it
     * @param {{ thread: Thread, handle: number } | null} [place] where it is already
     */
    constructor(jobs: Jobs, { name, make, release }: {
        name: string;
        make: (thread: Thread) => Promise<number>;
        release: string;
    }, place?: {
        thread: Thread;
        handle: number;
    } | null);
    /** Throws when it was freed. A use that was asked for before is still carried out, since the work keeps its order. */
    check(): void;
    /**
     * @template T
     * @param {(thread: Thread, handle: number) => Promise<T>} work
     * @param {AbortSignal} [signal]
     * @returns {Promise<T>}
     */
    use<T>(work: (thread: Thread, handle: number) => Promise<T>, signal?: AbortSignal): Promise<T>;
    /** Its handle, after making it again where it is not. Only inside a job. @param {Thread} thread */
    handleIn(thread: Thread): Promise<number>;
    free(): void;
}
