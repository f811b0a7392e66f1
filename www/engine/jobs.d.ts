import { Thread } from './thread.js';
/**
 * One job at a time, first come, first served, in a worker that is started again whenever it has died.
 */
export declare class Jobs {
    #private;
    /**
     * @param {() => Worker} startWorker
     * @param {(thread: Thread) => Promise<void>} opened a new worker's first calls, before any job
     * @param {(error: Error) => void} onDeath a worker that was open has died; not called when `close` ended it
     */
    constructor(startWorker: () => Worker, opened: (thread: Thread) => Promise<void>, onDeath: (error: Error) => void);
    /**
     * @template T
     * @param {(thread: Thread) => Promise<T>} work
     * @param {AbortSignal} [signal] before its turn the job is dropped at once; during it the promise rejects at once, and
     *   the worker is ended if the job takes much longer
     * @returns {Promise<T>}
     */
    add<T>(work: (thread: Thread) => Promise<T>, signal?: AbortSignal): Promise<T>;
    /** Ends the worker; every job, waiting or not, rejects. @param {Error} reason */
    close(reason: Error): void;
}
