// Families that play every kernel and every operation between them, on both backends. The others run on the
// CPU alone, in families.spec.js: WebGPU in software takes five seconds for each.
import { holdsFamily } from './family_figures.js';

/** Positions added, rotary over a part or the whole of a head, local attention; each norm, each MLP. */
const FAMILIES = {
  gpt2: 'model.safetensors',
  gpt_neo: 'pytorch_model.bin',
  pythia: 'model.safetensors',
  qwen3: 'model.safetensors',
  tl_solu: 'model_final.pth',
};

for (const [family, weights] of Object.entries(FAMILIES)) holdsFamily(family, weights);
