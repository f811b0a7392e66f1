// What bare.html has for the functions that tests run in it.
import type { Headscope as Engine } from '../../../www/engine/headscope.js';

declare global {
  /** The class, as the built site exports it. */
  var Headscope: typeof Engine;
  /** On the shared page: an engine that stays open. */
  var hs: Engine;
  /** On the shared page: the default model in `hs`. */
  var model: Awaited<ReturnType<Engine['loadModel']>>;
  /** Of a test of helpers: figures from before a death, and how often a loss was told. */
  var before: number[];
  var losses: number;
  /** Every engine's worker that was made, oldest first. */
  var workers: Worker[];
  /** What a promise rejects with, as plain data; null if it resolves. */
  function rejection(
    promise: Promise<unknown>,
  ): Promise<{ isError: boolean; name: string; message: string; data?: Record<string, unknown> } | null>;
}
