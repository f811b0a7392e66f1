//! A configuration as JSON: the fields of TransformerLens' `HookedTransformerConfig` that it needs.
//!
//! An attention-only model has the fields that it has always had: links carry them. A field of another
//! kind of model is written only where its value is not that of an attention-only one.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::architecture::{Mlp, Pairing, PositionalEmbedding, Rotary};
use super::config::{ModelConfig, Size};

impl Serialize for ModelConfig {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_map(None)?;
        for size in Size::ALL {
            fields.serialize_entry(size.field(), &self.size(size))?;
        }
        fields.serialize_entry("normalization_type", &self.normalization)?;
        fields.serialize_entry("positional_embedding_type", self.positional_embedding.name())?;
        fields.serialize_entry("eps", &self.eps)?;
        if let PositionalEmbedding::Rotary(Rotary { dims, base, pairing }) = self.positional_embedding {
            fields.serialize_entry("rotary_dim", &dims)?;
            fields.serialize_entry("rotary_base", &base)?;
            fields.serialize_entry("rotary_adjacent_pairs", &(pairing == Pairing::Adjacent))?;
        }
        if let Some(heads) = self.heads.n_key_value_heads {
            fields.serialize_entry("n_key_value_heads", &heads)?;
        }
        if let Some(scale) = self.heads.scale {
            fields.serialize_entry("attn_scale", &(1.0 / scale))?;
        }
        if self.heads.scale_by_inverse_layer {
            fields.serialize_entry("scale_attn_by_inverse_layer_idx", &true)?;
        }
        if self.heads.qk_norm {
            fields.serialize_entry("use_qk_norm", &true)?;
        }
        if let Some(window) = self.heads.windows.iter().flatten().next() {
            let types = |layer: &Option<usize>| if layer.is_some() { "local" } else { "global" };
            fields.serialize_entry("use_local_attn", &true)?;
            fields.serialize_entry("window_size", window)?;
            fields
                .serialize_entry("attn_types", &self.heads.windows.iter().map(types).collect::<Vec<_>>())?;
        }
        if let Some(Mlp { d_mlp, activation, gated, parallel }) = self.mlp {
            fields.serialize_entry("d_mlp", &d_mlp)?;
            fields.serialize_entry("act_fn", activation.name())?;
            fields.serialize_entry("gated_mlp", &gated)?;
            fields.serialize_entry("parallel_attn_mlp", &parallel)?;
        }
        if self.tied_unembedding {
            fields.serialize_entry("tie_word_embeddings", &true)?;
        }
        fields.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Activation, Heads, Normalization};

    const ATTENTION_ONLY: ModelConfig = ModelConfig {
        n_layers: 2,
        n_heads: 3,
        d_model: 18,
        d_head: 6,
        n_ctx: 8,
        d_vocab: 10,
        normalization: None,
        positional_embedding: PositionalEmbedding::Shortformer,
        eps: 1e-5,
        heads: Heads::PLAIN,
        mlp: None,
        tied_unembedding: false,
    };

    #[test]
    fn an_attention_only_model_has_these_very_fields() {
        let json = serde_json::to_string(&ATTENTION_ONLY).expect("JSON");
        let expected = concat!(
            r#"{"n_layers":2,"n_heads":3,"d_model":18,"d_head":6,"n_ctx":8,"d_vocab":10,"#,
            r#""normalization_type":null,"positional_embedding_type":"shortformer","eps":0.00001}"#
        );
        assert_eq!(json, expected);
    }

    #[test]
    fn other_models_add_what_differs() {
        let rotary = Rotary { dims: 4, base: 10_000.0, pairing: Pairing::Adjacent };
        let config = ModelConfig {
            normalization: Some(Normalization::Rms),
            positional_embedding: PositionalEmbedding::Rotary(rotary),
            heads: Heads {
                n_key_value_heads: Some(1),
                scale: Some(1.0),
                scale_by_inverse_layer: true,
                qk_norm: true,
                windows: vec![None, Some(4)],
            },
            mlp: Some(Mlp { d_mlp: 72, activation: Activation::GeluNew, gated: true, parallel: true }),
            tied_unembedding: true,
            ..ATTENTION_ONLY
        };
        let fields = serde_json::to_value(&config).expect("JSON");
        let expected = serde_json::json!({
            "n_layers": 2, "n_heads": 3, "d_model": 18, "d_head": 6, "n_ctx": 8, "d_vocab": 10,
            "normalization_type": "RMS", "positional_embedding_type": "rotary", "eps": 1e-5,
            "rotary_dim": 4, "rotary_base": 10_000.0, "rotary_adjacent_pairs": true,
            "n_key_value_heads": 1, "attn_scale": 1.0, "scale_attn_by_inverse_layer_idx": true,
            "use_qk_norm": true, "use_local_attn": true, "window_size": 4,
            "attn_types": ["global", "local"],
            "d_mlp": 72, "act_fn": "gelu_new", "gated_mlp": true, "parallel_attn_mlp": true,
            "tie_word_embeddings": true,
        });
        assert_eq!(fields, expected);
    }
}
