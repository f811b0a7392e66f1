import { ablation, unablated } from './ablation.js';
import { answer } from './answer.js';
import { answerAfter } from './answer_after.js';
import { attribution } from './attribution.js';
import { composition } from './composition.js';
import { copying } from './copying.js';
import { copyingMap } from './copying_map.js';
import { draw } from './draw.js';
import { drawAfter } from './draw_after.js';
import { expected } from './expected.js';
import { losses } from './losses.js';
import { options } from './options.js';
import { own } from './own.js';
import { path } from './path.js';
import { positions } from './positions.js';
import { repeated } from './repeated.js';
import { stability } from './stability.js';

/**
 * Every study of the page. Of several wanted studies, the first in this list runs first.
 * @type {readonly import('./study.js').Study<any>[]}
 */
export const STUDIES = Object.freeze([
  expected,
  answer,
  answerAfter,
  options,
  stability,
  repeated,
  draw,
  own,
  unablated,
  ablation,
  drawAfter,
  losses,
  composition,
  positions,
  attribution,
  path,
  copyingMap,
  copying,
]);
