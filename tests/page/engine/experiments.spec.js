// The experiments of the models that experiments.both.spec.js does not have; natively on a GPU too.
import { holdsExperiments } from './experiment_figures.js';

const MODELS = ['planted_f32', 'planted_f16_12heads', 'random_1layer', 'random_2layer_lnpre_shortformer'];

for (const name of MODELS) holdsExperiments(name);
