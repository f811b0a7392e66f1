// The fixtures that figures.both.spec.js has not. tests/native/forward_gpu.rs holds all of them on a GPU.
import { holdsFixture } from './fixture_figures.js';

const FIXTURES = ['planted_f32', 'planted_f16', 'random_1layer', 'random_2layer_lnpre_shortformer'];

for (const name of FIXTURES) holdsFixture(name);
