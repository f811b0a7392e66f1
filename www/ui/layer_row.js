/** One figure of every layer's MLP, as a row with the frame of a chart. */

import { figure } from '../base/format.js';
import { largest } from './heat_cells.js';
import { createMatrix } from './matrix.js';

/** @param {{ title: string, testid: string }} what */
export function createMlpRow(what) {
  const matrix = createMatrix(what);
  return {
    element: matrix.element,
    /** @param {{ values: (number | null)[], subtitle: string, file: string }} figures of each layer */
    show({ values, subtitle, file }) {
      const most = largest([values]);
      matrix.show({
        rows: [{ label: 'MLP' }],
        columns: values.map((_, layer) => ({ label: String(layer) })),
        values: [values],
        rowsAre: '',
        columnsAre: 'layer',
        differences: true,
        most,
        scale: `Red below 0, blue above; the strongest colours are −${figure(most)} and +${figure(most)}.`,
        subtitle,
        file,
      });
    },
  };
}
