export type CatalogueFile = {
    path: string;
    bytes: number;
    sha256: string;
};
export type Entry = {
    id: string;
    name: string;
    weights: CatalogueFile;
    config: CatalogueFile;
    tokenizer?: CatalogueFile;
};
export type Wanted = {
    from: Blob | URL;
    /**
     * how long it has to be
     */
    bytes?: number;
    /**
     * what its bytes have to be
     */
    sha256?: string;
};
export type WantedModel = {
    id: string;
    name: string;
    weights: Wanted;
    config?: Wanted;
    tokenizer?: Wanted;
};
export type ModelFiles = {
    /**
     * the catalogue's, or '' for a model of the visitor's own
     */
    id: string;
    /**
     * what a person calls it: the catalogue's name, or the name of the weights file
     */
    name: string;
    weights: Blob;
    /**
     * JSON; an empty object where there is none, so that the engine says which field it misses
     */
    config: string;
    /**
     * the bytes of a tokenizer.json
     */
    tokenizer: Uint8Array | undefined;
    /**
     * of the weights, hex, found while the engine reads them already; rejects with
     * `ModelFetch` when the catalogue has another
     */
    sha256: Promise<string>;
};
/**
 * @typedef {{ path: string, bytes: number, sha256: string }} CatalogueFile
 * @typedef {{ id: string, name: string, weights: CatalogueFile, config: CatalogueFile, tokenizer?: CatalogueFile }} Entry
 *
 * @typedef {object} Wanted one file of a model, before it is here
 * @property {Blob | URL} from
 * @property {number} [bytes] how long it has to be
 * @property {string} [sha256] what its bytes have to be
 *
 * @typedef {{ id: string, name: string, weights: Wanted, config?: Wanted, tokenizer?: Wanted }} WantedModel
 *
 * @typedef {object} ModelFiles a model's files, all here
 * @property {string} id the catalogue's, or '' for a model of the visitor's own
 * @property {string} name what a person calls it: the catalogue's name, or the name of the weights file
 * @property {Blob} weights
 * @property {string} config JSON; an empty object where there is none, so that the engine says which field it misses
 * @property {Uint8Array | undefined} tokenizer the bytes of a tokenizer.json
 * @property {Promise<string>} sha256 of the weights, hex, found while the engine reads them already; rejects with
 *   `ModelFetch` when the catalogue has another
 */
/**
 * Brings a model's files here.
 * @param {string | import('./headscope.js').OwnFiles} source
 * @param {import('./headscope.js').LoadOptions} options
 * @returns {Promise<ModelFiles>}
 */
export declare function bringModel(source: string | import('./headscope.js').OwnFiles, { onProgress, signal }: import('./headscope.js').LoadOptions): Promise<ModelFiles>;
