// The properties of links (link.fuzz.js) on some random inputs.
import test from 'node:test';
import fc from 'fast-check';
import { PROPERTIES } from './link.fuzz.js';

for (const [name, property] of Object.entries(PROPERTIES))
  test(name, () => fc.assert(property, { numRuns: 200 }));
