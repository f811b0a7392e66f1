/**
 * The shapes of the page's state, of its parts and of its actions.
 *
 * @typedef {import('./view.js').View} View
 * @typedef {import('./view.js').Weighting} Weighting
 * @typedef {import('./view.js').Direction} Direction
 * @typedef {import('./library.js').Library} Library
 * @typedef {import('../figures/heads.js').Detection} Detection
 * @typedef {import('../figures/table.js').Sort} Sort
 * @typedef {import('../engine/headscope.js').Config} ModelConfig
 * @typedef {import('../engine/headscope.js').Timing} Timing
 *
 * @typedef {'auto' | 'webgpu' | 'cpu'} BackendChoice
 * @typedef {'opening' | 'loading' | 'running' | 'idle'} Phase
 * @typedef {Pick<ModelConfig, 'n_layers' | 'n_heads' | 'n_ctx' | 'd_model' | 'd_head' | 'd_vocab'> &
 *   Partial<ModelConfig>} Config
 * @typedef {{ backend: 'webgpu' | 'cpu', adapter: string, software: boolean, reason: string | null,
 *   offersGpu: boolean }} Engine   offersGpu: the CPU was taken although there is a WebGPU adapter
 *
 * @typedef {{ id: string, name: string, sha256: string, config: Config, precision?: 'stored' | 'half',
 *   origin?: import('../engine/headscope.js').Origin }} LoadedModel   precision: of weights in f32; as
 *   stored when absent; origin: absent while the model is not loaded
 * @typedef {{ keys: string, tokenizerNote: string | null, hasTokenizer: boolean, bos: string | null,
 *   prependsBos: boolean }} OfLoading
 * @typedef {LoadedModel & OfLoading} ModelInUse   with notes of the loading
 *
 * @typedef {{ side: number, cells: Uint8Array, layers?: ReadonlySet<number> }} Thumbnails   cells:
 *   `[layer, head, side, side]`, weight * 255; layers: those that are made, all of them when absent
 *
 * @typedef {object} Pattern
 * @property {string | null} head         null: the mean of all heads
 * @property {Weighting} by
 * @property {Float32Array} weights       `[query_pos, key_pos]`
 * @property {number} max                 the weight at the end of the colour scale
 * @property {string} [ablation]          the key of the ablation; empty or absent: the whole model
 *
 * @typedef {object} Ablated              the shown text, run with heads ablated
 * @property {string} key                 the heads and the kind of ablation
 * @property {Detection} detection
 * @property {Thumbnails} thumbnails
 * @property {Float32Array} logProbs      `[seq - 1]`
 *
 * @typedef {object} Result               one run; it stays until the next run is complete
 * @property {true} [precomputed]         computed when the site was built
 * @property {string} text
 * @property {View['bos']} bos            of the view that it was run for
 * @property {Uint32Array} ids            `[seq]`
 * @property {string[]} pieces            as the page shows them, `[seq]`
 * @property {(Uint8Array | null)[]} fragments   the bytes of tokens of incomplete characters, `[seq]`
 * @property {number} seq                 tokens, BOS included
 * @property {number} dropped             UTF-16 units at the end of the text that did not fit the model
 * @property {string[]} uncovered         characters of the text that no token stands for
 * @property {{ layer: number, heads: number[] } | null} notFinite   the first figures that are not finite
 * @property {Timing} timing
 * @property {number} wall_ms             from the start of the run to the figures on this page
 * @property {LoadedModel} model
 * @property {'webgpu' | 'cpu'} backend
 * @property {Thumbnails} thumbnails
 *
 * @typedef {{ code: string, detail: string, data?: Record<string, unknown> }} Problem
 *
 * @typedef {object} Shared               what an opened link says of its figures
 * @property {string | null} digest       of the detectors' figures
 * @property {string | null} found        of the studies' figures
 * @property {string | null} sha          the beginning of the weights' sha256
 * @property {string} text
 * @property {string} model
 * @property {View['bos']} bos
 *
 * @typedef {object} Finding              of a study
 * @property {string} key                 the settings that it was made for
 * @property {unknown} value
 * @property {Problem | null} problem
 * @property {boolean} [partial]          the study was stopped or failed: the value is a part of it
 *
 * @typedef {{ kind: string, done: number, total: number }} Studying   total 0: the study tells no progress
 * @typedef {{ query: number | null, key: number | null }} Cell
 * @typedef {{ href: string, length: number } | null} Link
 * @typedef {{ loaded: number, total: number }} Progress   in bytes
 *
 * @typedef {object} State
 * @property {View} view
 * @property {BackendChoice} backend
 * @property {Engine | null} engine
 * @property {ModelInUse | null} model
 * @property {Phase} phase
 * @property {Progress | null} progress
 * @property {Result | null} result
 * @property {Detection | null} detection      of the result, at the view's thresholds
 * @property {Pattern | null} pattern          of the result; may be of the head that was shown before
 * @property {Ablated | null} ablated   of the result; null without ablated heads, or until they are run
 * @property {{ of: Thumbnails, made: Thumbnails } | null} thumbnails   those `of` a result or its ablation
 *   with the layers that were looked at since; null: no more
 * @property {string | null} preview           the head under the pointer or with the focus
 * @property {Cell} pointer                    the cell or token under the pointer or with the focus
 * @property {Sort} sort
 * @property {Problem[]} problems
 * @property {string | null} unasked      the model that a link names, until the visitor asks for it
 * @property {Shared | null} shared
 * @property {Link} link
 * @property {Partial<View> | null} undo       what an example, a link or a dropped file replaced last, until
 *   the visitor types
 * @property {{ what: 'link' | 'picture' | 'code', length: number } | null} copied   what was just copied, for
 *   a moment; length: in characters, of a link or of code
 * @property {Library} library                 the models on offer
 * @property {{ done: number, total: number } | null} exporting   arrays
 * @property {Record<string, Finding>} findings   the newest of each kind of study
 * @property {Readonly<Record<string, Studying>>} studying   the running studies, by kind
 * @property {number} edition                  tells apart own models of the same id with other files
 * @property {{ model: string, edition: number, half: boolean, code: string } | null} refused   the model that
 *   could not be loaded while another stays in use, whether at half precision, and the code of its problem
 * @property {number} attempt                  grows to run again after a failure
 * @property {number} stops                    grows to stop the run in progress
 *
 * @typedef {Partial<Omit<View, 'text' | 'model' | 'ran'>>} Settings
 *
 * @typedef {(
 *   | { type: 'edit', text: string, replaces?: boolean }
 *   | { type: 'undo' }
 *   | { type: 'preview', head: string | null }
 *   | { type: 'lock', head: string | null }
 *   | { type: 'point', query: number | null, key: number | null }
 *   | { type: 'choose', query: number | null, key: number | null }
 *   | { type: 'let go' }
 *   | { type: 'direction', direction: Direction }
 *   | { type: 'tab', tab: string }
 *   | { type: 'set', change: Settings }
 *   | { type: 'ask', study: string }
 *   | { type: 'stop study', study: string, key?: string | null }
 *   | { type: 'redo study', study: string }
 *   | { type: 'finding', kind: string, finding: Finding }
 *   | { type: 'studying', kind: string, studying: Studying | null }
 *   | { type: 'thresholds', active?: number, fraction?: number, mean?: number }
 *   | { type: 'sort', column: string }
 *   | { type: 'backend', backend: BackendChoice }
 *   | { type: 'open model', model: string, edition?: number, precision?: 'stored' | 'half' }
 *   | { type: 'halve' }
 *   | { type: 'exporting', exporting: State['exporting'] }
 *   | { type: 'model refused', kept: string, edition: number, half: boolean, code: string }
 *   | { type: 'library', change: Partial<Library> }
 *   | { type: 'restore', view: Partial<View>, shared: Shared | null, problems: Problem[], ours?: boolean,
 *      unasked?: string | null }
 *   | { type: 'retry' }
 *   | { type: 'stop' }
 *   | { type: 'dismiss', code: string }
 *   | { type: 'problem', problem: Problem }
 *   | { type: 'engine', engine: Engine | null }
 *   | { type: 'model', model: ModelInUse | null }
 *   | { type: 'phase', phase: Phase, progress?: Progress | null }
 *   | { type: 'result', result: Result, detection: Detection, pattern: Pattern }
 *   | { type: 'detection', detection: Detection }
 *   | { type: 'pattern', pattern: Pattern }
 *   | { type: 'ablated', ablated: Ablated | null }
 *   | { type: 'thumbnails', thumbnails: State['thumbnails'] }
 *   | { type: 'link', link: Link }
 *   | { type: 'copied', copied: State['copied'] }
 * )} Action
 * @typedef {(action: Action) => void} Emit
 *
 * @typedef {{ [Type in Action['type']]: (state: State, action: Extract<Action, { type: Type }>) => State }}
 *   Reducers
 */

export {};
