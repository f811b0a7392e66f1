//! Tokens that a model can run, checked once.

use super::{Dims, ModelConfig, buffers};
use crate::error::{Error, Result};

/// Sequences of equal length that a model can run. Both backends take a batch as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    tokens: Vec<u32>,
    sequences: usize,
}

impl Batch {
    /// Checks `sequences` sequences of equal length, given one after the other.
    ///
    /// # Errors
    /// [`Error::EmptyInput`] without a token or a sequence, [`Error::TooManyTokens`] and
    /// [`Error::TokenOutOfRange`] as [`ModelConfig::check_tokens`] finds them, [`Error::BatchTooLarge`] for
    /// several sequences whose activations are larger than [`LARGEST_RUN`](super::LARGEST_RUN).
    ///
    /// # Panics
    /// When the sequences are not of equal length.
    pub fn new(config: &ModelConfig, tokens: Vec<u32>, sequences: usize) -> Result<Self> {
        let seq = tokens.len().checked_div(sequences).unwrap_or(0);
        if seq == 0 {
            return Err(Error::EmptyInput {});
        }
        assert_eq!(tokens.len(), seq * sequences, "the sequences of a batch have equal lengths");
        for sequence in tokens.chunks(seq) {
            config.check_tokens(sequence)?;
        }
        let expected = buffers::most_sequences(config, seq);
        if sequences > expected {
            return Err(Error::BatchTooLarge { expected, found: sequences });
        }
        Ok(Batch { tokens, sequences })
    }

    /// Checks a single sequence.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn one(config: &ModelConfig, tokens: Vec<u32>) -> Result<Self> {
        Batch::new(config, tokens, 1)
    }

    /// The token ids, sequence after sequence.
    pub fn tokens(&self) -> &[u32] {
        &self.tokens
    }

    /// Tokens of each sequence.
    pub fn seq(&self) -> usize {
        self.tokens.len() / self.sequences
    }

    /// Number of sequences.
    pub fn sequences(&self) -> usize {
        self.sequences
    }

    /// Sizes of a run that computes the rows from `first_row` on.
    pub fn dims(&self, first_row: usize) -> Dims {
        Dims::new(self.seq(), self.sequences, first_row)
    }

    /// Number of first rows that a run of `previous` has computed already. The row of the last shared
    /// token does not count: its next token differs. Several sequences share nothing.
    pub fn rows_shared_with(&self, previous: &Batch) -> usize {
        if self.sequences != 1 || previous.sequences != 1 {
            return 0;
        }
        let pairs = self.tokens.iter().zip(&previous.tokens);
        pairs.take_while(|(new, old)| new == old).count().saturating_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Heads, PositionalEmbedding};

    /// As many layers, heads and numbers as a large model, and room for few sequences.
    const LARGE: ModelConfig = ModelConfig {
        n_layers: 48,
        n_heads: 25,
        d_model: 1600,
        d_head: 64,
        n_ctx: 1024,
        d_vocab: 50_257,
        normalization: None,
        positional_embedding: PositionalEmbedding::Standard,
        eps: 1e-5,
        heads: Heads::PLAIN,
        mlp: None,
        tied_unembedding: false,
    };

    #[test]
    fn only_what_a_model_can_run_is_a_batch() {
        let code =
            |tokens: Vec<u32>, sequences| Batch::new(&LARGE, tokens, sequences).err().map(|it| it.code());
        assert_eq!(code(vec![], 1), Some("EmptyInput"));
        assert_eq!(code(vec![1], 0), Some("EmptyInput"));
        assert_eq!(code(vec![0; 1025], 1), Some("TooManyTokens"));
        assert_eq!(code(vec![0, 1, 50_257, 3], 2), Some("TokenOutOfRange"));
        assert_eq!(code(vec![0; 1024], 1), None);
        let most = buffers::most_sequences(&LARGE, 100);
        assert!((2..100).contains(&most), "{most}");
        assert_eq!(code(vec![0; 100 * most], most), None);
        assert_eq!(code(vec![0; 100 * (most + 1)], most + 1), Some("BatchTooLarge"));
    }

    #[test]
    fn a_beginning_is_shared_up_to_the_last_equal_token() {
        let batch =
            |tokens: &[u32], sequences| Batch::new(&LARGE, tokens.to_vec(), sequences).expect("a batch");
        let old = batch(&[1, 2, 3, 4], 1);
        assert_eq!(batch(&[1, 2, 9], 1).rows_shared_with(&old), 1);
        assert_eq!(batch(&[9, 2], 1).rows_shared_with(&old), 0);
        assert_eq!(batch(&[1, 2, 3, 4, 5], 1).rows_shared_with(&old), 3);
        assert_eq!(batch(&[1, 2, 3, 4], 2).rows_shared_with(&old), 0);
    }
}
