export type Message = {
    call: number;
    value: unknown;
} | {
    call: number;
    error: Told;
} | {
    broken: Told;
} | {
    lock: string;
};
export type Told = {
    name: string;
    message: string;
    data?: Record<string, unknown>;
    stack?: string;
};
/**
 * One worker's life: calls go to it by message until it dies or is stopped, and after that everything rejects.
 * Models and runs live in one thread and are gone with it, so a handle is only good together with the thread it came from.
 */
export declare class Thread {
    #private;
    /**
     * @param {Worker} worker
     * @param {(error: Error) => void} onDeath called once, unless `stop` comes first
     */
    constructor(worker: Worker, onDeath: (error: Error) => void);
    /**
     * @param {string} method of the engine, in the worker
     * @param {...unknown} args
     * @returns {Promise<any>}
     */
    call(method: string, ...args: unknown[]): Promise<any>;
    /** Ends the worker at once, whatever it is doing. @param {Error} reason what its calls reject with */
    stop(reason: Error): void;
}
