//! Names of tensors without what wraps a model, and names of tensors that no model reads.

/// Beginnings that a wrapper gives to every name, or that a family's base model has inside its language
/// model. They may repeat.
const WRAPPERS: [&str; 5] = ["transformer.", "model.", "gpt_neox.", "module.", "_orig_mod."];

/// The wrappers that a family's own files have, when they hold the base model alone or a tied unembedding.
pub const BASES: [&str; 3] = ["transformer.", "model.", "gpt_neox."];

/// Buffers: the end of the name, and the rank that sets it apart from a parameter of that name.
const BUFFERS: [(&str, Option<usize>); 11] = [
    // Causal masks. GPT-2's end like a bias, but have four dimensions.
    (".attn.bias", Some(4)),
    (".attention.bias", Some(4)),
    (".attn.mask", None),
    // The score of a masked key; minus infinity in some files.
    (".attn.masked_bias", None),
    (".attention.masked_bias", None),
    (".attn.IGNORE", None),
    // Tables of rotary positions.
    ("rotary_emb.inv_freq", None),
    (".rotary_sin", None),
    (".rotary_cos", None),
    // The embedding saved once more. Where it is a matrix of its own, a parameter has this name.
    ("lm_head.weight", None),
    ("embed_out.weight", None),
];

/// A name without its wrappers.
pub fn unwrapped(name: &str) -> &str {
    WRAPPERS.iter().find_map(|wrapper| name.strip_prefix(wrapper)).map_or(name, unwrapped)
}

/// The names without their first word, where all of them have the same one and more words after it.
pub fn without_shared_word<'a>(names: &[&'a str]) -> Option<Vec<&'a str>> {
    let (first, _) = names.first()?.split_once('.')?;
    names
        .iter()
        .map(|name| name.strip_prefix(first)?.strip_prefix('.').filter(|rest| !rest.is_empty()))
        .collect()
}

/// Whether a tensor that is no parameter is a buffer, such as a causal mask, that no model reads.
pub fn is_buffer(name: &str, rank: usize) -> bool {
    let fits = |(end, of_rank): &(&str, Option<usize>)| {
        name.ends_with(end) && of_rank.is_none_or(|of_rank| of_rank == rank)
    };
    BUFFERS.iter().any(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrappers_are_taken_off_however_often_they_repeat() {
        for (name, bare) in [
            ("transformer.h.0.ln_1.weight", "h.0.ln_1.weight"),
            ("_orig_mod.module.model.layers.0.mlp.up_proj.weight", "layers.0.mlp.up_proj.weight"),
            ("module.module.gpt_neox.embed_in.weight", "embed_in.weight"),
            ("blocks.0.attn.W_Q", "blocks.0.attn.W_Q"),
            ("lm_head.weight", "lm_head.weight"),
        ] {
            assert_eq!(unwrapped(name), bare);
        }
        assert_eq!(without_shared_word(&["net.h.0", "net.wte"]), Some(vec!["h.0", "wte"]));
        assert_eq!(without_shared_word(&["net.h.0", "nets.wte"]), None);
        assert_eq!(without_shared_word(&["net.", "net.wte"]), None);
    }

    #[test]
    fn a_bias_is_a_buffer_only_where_it_is_a_mask() {
        assert!(is_buffer("h.0.attn.bias", 4) && !is_buffer("h.0.attn.bias", 1));
        assert!(is_buffer("layers.0.attention.masked_bias", 0));
        assert!(
            is_buffer("rotary_emb.inv_freq", 1) && is_buffer("layers.3.self_attn.rotary_emb.inv_freq", 1)
        );
        assert!(!is_buffer("h.0.attn.c_attn.bias", 1) && !is_buffer("embed_in.weight", 2));
    }
}
