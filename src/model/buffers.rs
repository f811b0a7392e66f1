//! The table of activation buffers. All sizes stand here.
//!
//! Both backends walk the table: to allocate, to copy the rows that a run shares with the run
//! before, to read back, and to tell how much a run takes. `rows` is `Dims::rows`; the letters are
//! those of [`Shapes`].
//!
//! ```text
//! buffer          element    shape                      lifetime  resumed  read back
//! Tokens          u32        [rows]                     kept                           GPU only
//! Resid(layer)    f32        [rows, D]                  kept      yes
//! Qkv(layer)      f32        [rows, qkv]                kept      yes
//! Stats(layer)    RowStats   [rows, H]                  kept      yes      yes
//! OffsetSums(l)   2 x f32    [blocks, H, OFFSETS]       kept      yes
//! LogProbs        2 x f32    [rows]                     kept      yes      yes
//! X               f32        [rows, D]                  scratch                        with a normalization
//! XPos            f32        [rows, D]                  scratch                        with shortformer
//! Rotations       f32        [rows, rotary dims]        scratch                        GPU only, with rotary
//! Z               f32        [rows, H * C]              scratch
//! Mid             f32        [rows, D]                  scratch                        with MLPs
//! MlpIn           f32        [rows, mlp_in]             scratch                        with MLPs
//! MlpHidden       f32        [rows, M]                  scratch                        with MLPs
//! Partials        2 x f32    [rows, shares]             scratch                        GPU only
//! TargetLogit     f32        [rows]                     scratch                        GPU only
//! Offsets(layer)  f32        [H, OFFSETS]               scratch            yes
//! ```
//!
//! `Rotations` depends on the model alone: it is written when it is allocated, and no pass overwrites it.

use super::{COLUMN_TILE, ModelConfig, NormAt, OFFSET_BLOCK, OFFSETS, PositionalEmbedding, RowStats, Shapes};

/// Bytes that the activations of a batch may take: what the weights of a full-size model leave of a
/// browser's memory. A single sequence is limited by the model's positions instead.
pub const LARGEST_RUN: usize = 768 << 20;

/// Bytes that every WebGPU device allows a binding to have. No buffer of a batch is larger.
pub const LARGEST_BUFFER: usize = 128 << 20;

/// Column tiles of one share of the vocabulary. `log_probs` keeps a running maximum and sum of each.
pub const SHARE_TILES: usize = 64;

/// Name of a buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum BufferId {
    /// Token ids.
    Tokens,
    /// The residual stream before a layer; `Resid(n_layers)` is the stream after the last.
    Resid(usize),
    /// The normalized stream.
    X,
    /// The input of a layer's queries and keys: the normalized stream plus `W_pos`.
    XPos,
    /// Cosines and sines by which the queries and keys of each position are turned.
    Rotations,
    /// `[q | k | v]` of a layer.
    Qkv(usize),
    /// The mixed values of the layer that is computed.
    Z,
    /// The residual stream between attention and MLP of the layer that is computed.
    Mid,
    /// The input of the activation: the product of the normalized stream and `W_in`, or `[W_gate | W_in]`.
    MlpIn,
    /// The hidden layer of the MLP that is computed, after its activation.
    MlpHidden,
    /// Statistics of a layer's patterns.
    Stats(usize),
    /// Weights of each offset added up over each [`OFFSET_BLOCK`] queries of a layer's heads, in the first
    /// sequence.
    OffsetSums(usize),
    /// Mean weight of each offset, of a layer's heads in the first sequence.
    Offsets(usize),
    /// Maximum and sum of exponentials of each share of the vocabulary.
    Partials,
    /// Logit of each next token.
    TargetLogit,
    /// Log-probabilities of each next token and of the token that the model holds most probable.
    LogProbs,
}

/// The type of a buffer's elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Element {
    /// An unsigned 32-bit number.
    U32,
    /// A 32-bit float.
    F32,
    /// A [`RowStats`].
    RowStats,
}

impl Element {
    /// Bytes of one element.
    pub fn bytes(self) -> usize {
        match self {
            Element::U32 | Element::F32 => 4,
            Element::RowStats => size_of::<RowStats>(),
        }
    }
}

/// The number of a buffer's elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// This many for each row.
    Rows(usize),
    /// This many for each [`OFFSET_BLOCK`] rows.
    Blocks(usize),
    /// This many, whatever the rows.
    Fixed(usize),
}

/// The lifetime of a buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifetime {
    /// As long as its run: figures are made from it on demand.
    Kept,
    /// One pass. The next pass overwrites it.
    Scratch,
}

/// A row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Buffer {
    /// Its name.
    pub id: BufferId,
    /// Type of its elements.
    pub element: Element,
    /// Number of its elements.
    pub extent: Extent,
    /// Its lifetime.
    pub lifetime: Lifetime,
    /// Whether a run copies the rows that it shares with the run before.
    pub resumed: bool,
    /// Whether every run delivers it.
    pub read_back: bool,
    /// Whether the CPU backend does without it.
    pub gpu_only: bool,
}

impl Buffer {
    fn new(id: BufferId, element: Element, width: usize, lifetime: Lifetime) -> Self {
        let extent = Extent::Rows(width);
        Buffer { id, element, extent, lifetime, resumed: false, read_back: false, gpu_only: false }
    }

    fn kept(id: BufferId, element: Element, width: usize) -> Self {
        Buffer { resumed: true, ..Buffer::new(id, element, width, Lifetime::Kept) }
    }

    fn scratch(id: BufferId, width: usize) -> Self {
        Buffer::new(id, Element::F32, width, Lifetime::Scratch)
    }

    fn offset_sums(layer: usize, heads: usize) -> Self {
        let extent = Extent::Blocks(2 * heads * OFFSETS);
        Buffer { extent, ..Buffer::kept(BufferId::OffsetSums(layer), Element::F32, 0) }
    }

    fn offsets(layer: usize, heads: usize) -> Self {
        let extent = Extent::Fixed(heads * OFFSETS);
        Buffer { extent, read_back: true, ..Buffer::scratch(BufferId::Offsets(layer), 0) }
    }

    fn read_back(self) -> Self {
        Buffer { read_back: true, ..self }
    }

    fn gpu_only(self) -> Self {
        Buffer { gpu_only: true, resumed: false, ..self }
    }

    /// Bytes of the buffer in a run of `rows` rows.
    pub fn bytes(&self, rows: usize) -> usize {
        self.element.bytes()
            * match self.extent {
                Extent::Rows(width) => rows * width,
                Extent::Blocks(width) => rows.div_ceil(OFFSET_BLOCK) * width,
                Extent::Fixed(count) => count,
            }
    }
}

/// Every buffer of a model's runs.
pub fn buffer_table(config: &ModelConfig) -> Vec<Buffer> {
    use BufferId::{LogProbs, Mid, MlpHidden, MlpIn, Partials, Qkv, Resid, Rotations, Stats};
    use BufferId::{TargetLogit, Tokens, X, XPos, Z};
    let ModelConfig { n_layers, n_heads, .. } = *config;
    let Shapes { d_model, qkv, z, d_mlp, mlp_in, d_vocab, .. } = Shapes::of(config);
    let mut table = vec![Buffer::kept(Tokens, Element::U32, 1).gpu_only()];
    table.extend((0..=n_layers).map(|layer| Buffer::kept(Resid(layer), Element::F32, d_model)));
    table.extend((0..n_layers).map(|layer| Buffer::kept(Qkv(layer), Element::F32, qkv)));
    let stats = |layer| Buffer::kept(Stats(layer), Element::RowStats, n_heads).read_back();
    table.extend((0..n_layers).map(stats));
    table.extend((0..n_layers).map(|layer| Buffer::offset_sums(layer, n_heads)));
    table.push(Buffer::kept(LogProbs, Element::F32, 2).read_back());
    if config.normalization.is_some() {
        table.push(Buffer::scratch(X, d_model));
    }
    if config.positional_embedding == PositionalEmbedding::Shortformer {
        table.push(Buffer::scratch(XPos, d_model));
    }
    if let PositionalEmbedding::Rotary(rotary) = config.positional_embedding {
        table.push(Buffer::scratch(Rotations, rotary.dims).gpu_only());
    }
    table.push(Buffer::scratch(Z, z));
    if config.mlp.is_some() {
        table.push(Buffer::scratch(Mid, d_model));
        table.push(Buffer::scratch(MlpIn, mlp_in));
        table.push(Buffer::scratch(MlpHidden, d_mlp));
    }
    table.push(Buffer::scratch(Partials, 2 * shares(d_vocab)).gpu_only());
    table.push(Buffer::scratch(TargetLogit, 1).gpu_only());
    table.extend((0..n_layers).map(|layer| Buffer::offsets(layer, n_heads)));
    table
}

/// The buffer that a normalization reads.
pub fn residual_stream(config: &ModelConfig, at: NormAt) -> BufferId {
    match at {
        NormAt::Layer(layer) => BufferId::Resid(layer),
        NormAt::Mlp(layer) if config.mlp.is_some_and(|mlp| mlp.parallel) => BufferId::Resid(layer),
        NormAt::Mlp(_) => BufferId::Mid,
        NormAt::Final => BufferId::Resid(config.n_layers),
    }
}

/// The buffer that holds the normalized stream: the stream itself in a model without a normalization.
pub fn normalized_stream(config: &ModelConfig, at: NormAt) -> BufferId {
    if config.normalization.is_some() { BufferId::X } else { residual_stream(config, at) }
}

/// The buffer that holds the stream after the attention of a layer.
pub fn attention_output(config: &ModelConfig, layer: usize) -> BufferId {
    if config.mlp.is_some() { BufferId::Mid } else { BufferId::Resid(layer + 1) }
}

/// Shares that a vocabulary of `d_vocab` entries, padding included, is divided into.
pub fn shares(d_vocab: usize) -> usize {
    (d_vocab / COLUMN_TILE).div_ceil(SHARE_TILES)
}

/// Bytes of all buffers in a run of `rows` rows.
pub fn run_bytes(config: &ModelConfig, rows: usize) -> usize {
    buffer_table(config).iter().map(|buffer| buffer.bytes(rows)).sum()
}

/// Sequences of `seq` tokens that fit in [`LARGEST_RUN`] and whose buffers fit in [`LARGEST_BUFFER`], at
/// least one. A backend rounds the rows of a buffer up to a power of two.
pub fn most_sequences(config: &ModelConfig, seq: usize) -> usize {
    let row = |buffer: &Buffer| match buffer.extent {
        Extent::Rows(width) => buffer.element.bytes() * width,
        Extent::Blocks(_) | Extent::Fixed(_) => 0,
    };
    let widest = buffer_table(config).iter().map(row).fold(1, usize::max);
    let most_rows = (LARGEST_BUFFER / widest + 1).next_power_of_two() / 2;
    (LARGEST_RUN / run_bytes(config, seq)).min(most_rows / seq).max(1)
}

#[cfg(test)]
mod tests {
    use super::BufferId::{
        LogProbs, Mid, MlpHidden, MlpIn, OffsetSums, Offsets, Partials, Qkv, Resid, Rotations, Stats,
        TargetLogit, Tokens, X, XPos, Z,
    };
    use super::*;
    use crate::model::{Activation, Heads, Mlp, Normalization, Pairing, Rotary};

    fn config(normalization: Option<Normalization>, positions: PositionalEmbedding) -> ModelConfig {
        ModelConfig {
            n_layers: 2,
            n_heads: 3,
            d_model: 18,
            d_head: 6,
            n_ctx: 8,
            d_vocab: 1000,
            normalization,
            positional_embedding: positions,
            eps: 1e-5,
            heads: Heads::PLAIN,
            mlp: None,
            tied_unembedding: false,
        }
    }

    fn ids(config: &ModelConfig, wanted: impl Fn(&Buffer) -> bool) -> Vec<BufferId> {
        buffer_table(config).iter().filter(|buffer| wanted(buffer)).map(|buffer| buffer.id).collect()
    }

    #[test]
    fn a_model_has_the_buffers_that_its_operations_use() {
        let shortformer = config(None, PositionalEmbedding::Shortformer);
        let streams = [Tokens, Resid(0), Resid(1), Resid(2), Qkv(0), Qkv(1), Stats(0), Stats(1)];
        let kept = [&streams[..], &[OffsetSums(0), OffsetSums(1), LogProbs]].concat();
        let heads = [Offsets(0), Offsets(1)];
        let scratch = [&[XPos, Z, Partials, TargetLogit][..], &heads].concat();
        assert_eq!(ids(&shortformer, |_| true), [&kept[..], &scratch].concat());
        assert_eq!(ids(&shortformer, |it| it.lifetime == Lifetime::Kept), kept);
        assert_eq!(ids(&shortformer, |it| it.resumed), kept[1..]);
        let figures = [&[Stats(0), Stats(1), LogProbs][..], &heads].concat();
        assert_eq!(ids(&shortformer, |it| it.read_back), figures);
        assert_eq!(ids(&shortformer, |it| it.gpu_only), [Tokens, Partials, TargetLogit]);

        let at = NormAt::Layer(1);
        assert_eq!(normalized_stream(&shortformer, at), Resid(1));
        let normalized = config(Some(Normalization::Ln), PositionalEmbedding::Standard);
        assert_eq!(normalized_stream(&normalized, at), X);
        assert_eq!(residual_stream(&normalized, NormAt::Final), Resid(2));
        let all = ids(&normalized, |_| true);
        assert!(all.contains(&X) && !all.contains(&XPos), "{all:?}");
    }

    #[test]
    fn sizes_follow_rows() {
        let config = config(None, PositionalEmbedding::Shortformer);
        let bytes =
            |id, rows| buffer_table(&config).iter().find(|buffer| buffer.id == id).map(|it| it.bytes(rows));
        // D = 24, C = 8, H * C = 24, qkv = 72, V = 1000: 125 column tiles in two shares.
        assert_eq!(bytes(Resid(2), 10), Some(4 * 10 * 24));
        assert_eq!(bytes(Qkv(0), 10), Some(4 * 10 * 72));
        assert_eq!(bytes(Stats(1), 10), Some(36 * 10 * 3));
        assert_eq!(bytes(Partials, 10), Some(4 * 10 * 4));
        assert_eq!(bytes(X, 10), None);
        assert_eq!(bytes(Offsets(1), 10), Some(4 * 3 * 33));
        let rows_of_4 = 4 + 3 * 4 * 24 + 2 * 4 * 72 + 2 * 36 * 3 + 8 + 4 * 24 + 4 * 24 + 16 + 4;
        // A block of up to 16 rows has two numbers for each of 33 offsets.
        assert_eq!(bytes(OffsetSums(0), 16), Some(4 * 3 * 33 * 2));
        assert_eq!(bytes(OffsetSums(0), 17), Some(2 * 4 * 3 * 33 * 2));
        let of_heads = 2 * 3 * 4 * 33 + 2 * 3 * 4 * 33 * 2;
        assert_eq!(run_bytes(&config, 4), 4 * rows_of_4 + of_heads);
    }

    #[test]
    fn an_mlp_reads_the_stream_after_attention_or_before_it() {
        let plain = config(None, PositionalEmbedding::None);
        let mlp = |parallel| Mlp { d_mlp: 30, activation: Activation::Silu, gated: true, parallel };
        let rotary = Rotary { dims: 4, base: 1e4, pairing: Pairing::Half };
        let with = |parallel| ModelConfig {
            mlp: Some(mlp(parallel)),
            positional_embedding: PositionalEmbedding::Rotary(rotary),
            ..plain.clone()
        };
        let (sequential, parallel) = (with(false), with(true));
        assert_eq!(attention_output(&plain, 1), Resid(2));
        assert_eq!(attention_output(&sequential, 1), Mid);
        assert_eq!(normalized_stream(&sequential, NormAt::Mlp(1)), Mid);
        assert_eq!(normalized_stream(&parallel, NormAt::Mlp(1)), Resid(1));

        let width = |id| buffer_table(&parallel).iter().find(|it| it.id == id).map(|it| it.bytes(1) / 4);
        // d_mlp is padded from 30 to 32, and the hidden layer's input has a gate beside it.
        assert_eq!([Mid, MlpIn, MlpHidden, Rotations].map(width), [Some(24), Some(64), Some(32), Some(4)]);
        assert!(run_bytes(&parallel, 4) > run_bytes(&plain, 4));
    }

    #[test]
    fn no_buffer_of_a_batch_is_larger_than_a_binding() {
        let wide = Mlp { d_mlp: 4864, activation: Activation::Silu, gated: true, parallel: false };
        let config = ModelConfig { n_ctx: 1024, mlp: Some(wide), ..config(None, PositionalEmbedding::None) };
        let rows = |sequences: usize| (sequences * 101).next_power_of_two();
        let largest = |rows| buffer_table(&config).iter().map(|it| it.bytes(rows)).max();
        let most = most_sequences(&config, 101);
        assert!(largest(rows(most)) <= Some(LARGEST_BUFFER), "{most}");
        assert!(largest(rows(most + 1)) > Some(LARGEST_BUFFER), "{most}");
    }
}
