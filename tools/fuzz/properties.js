// Runs the properties of links and of the catalogue for some seconds each: node tools/fuzz/properties.js 60
import fc from 'fast-check';
import { PROPERTIES } from '../../tests/js/link.fuzz.js';
import { readCatalogue } from '../../www/store/catalogue.js';

/** A catalogue that is any JSON, or any text. */
const catalogue = fc.asyncProperty(
  fc.oneof(
    fc.json(),
    fc.string(),
    fc
      .record({ version: fc.constantFrom(1, 2, '1'), models: fc.jsonValue() })
      .map((value) => JSON.stringify(value)),
  ),
  async (text) => {
    try {
      readCatalogue(text, new URL('https://example.org/catalogue.json'));
    } catch (thrown) {
      if (/** @type {Error} */ (thrown).name !== 'ModelFetch') throw thrown;
    }
  },
);

const seconds = Number(process.argv[2] ?? 10);
for (const [name, property] of Object.entries({
  ...PROPERTIES,
  'any catalogue is one or is refused': catalogue,
})) {
  const options = { numRuns: 1e9, interruptAfterTimeLimit: seconds * 1000, markInterruptAsFailure: false };
  const found = await fc.check(property, options);
  console.log(`${name}: ${found.numRuns} executions, ${found.failed ? 'FAILED' : 'no failure'}`);
  if (found.failed) {
    console.error(fc.defaultReportMessage(found));
    process.exitCode = 1;
  }
}
