/**
 * The SHA-256 of a file, hex, without ever holding more than 32 MiB of it.
 * @param {Blob} blob
 * @returns {Promise<string>} 64 hex digits
 */
export declare function sha256(blob: Blob): Promise<string>;
/**
 * The same, in plain JavaScript.
 * @param {Blob} blob
 */
export declare function sha256InChunks(blob: Blob): Promise<string>;
