// The families that families.both.spec.js does not have. tests/native/families.rs holds all of them on a GPU.
import { holdsFamily } from './family_figures.js';

const FAMILIES = {
  gpt2_inverse_layer_scale: 'model.safetensors',
  gpt_neox_sequential: 'model.safetensors',
  llama_untied: 'model.safetensors',
  qwen2: 'model.safetensors',
  smollm: 'model.safetensors',
  tl_gelu: 'model_final.pth',
  tl_rotary_adjacent: 'model_final.pth',
};

for (const [family, weights] of Object.entries(FAMILIES)) holdsFamily(family, weights);
