/**
 * Terms of the field, each with its meaning in a sentence or two and its section in docs/definitions.md. The
 * page explains a term on hover and focus.
 *
 * @typedef {{ words: string, anchor: string }} Term
 */

/** @type {Readonly<Record<string, Term>>} */
export const GLOSSARY = Object.freeze({
  'induction head': {
    words:
      'A head that finds an earlier occurrence of the current token and attends to the token after it. ' +
      'The model can then continue what it has seen before.',
    anchor: 'token-matching',
  },
  'previous-token head': {
    words:
      'A head that attends to the token just before. It writes at each position which token stands before.',
    anchor: 'dominant-weight',
  },
  'offset head': {
    words: 'A head that attends a fixed distance back, two tokens or more, whatever the tokens are.',
    anchor: 'offset',
  },
  'repeated random tokens': {
    words:
      'Random tokens, then the same tokens again. Only a model that looks back can predict the second copy.',
    anchor: 'repeated-tokens',
  },
  'uniform attention': {
    words:
      'The uniform baseline: a head that attends equally to every position up to the query. A score means ' +
      'little below it.',
    anchor: 'uniform-baseline',
  },
  'induction stripe': {
    words:
      'On repeated tokens: the cells where each token of the second copy attends to the token ' +
      'after its first occurrence. They are a diagonal.',
    anchor: 'induction-stripe',
  },
  'token matching': {
    words: 'The mean attention, at tokens that occurred before, to the tokens after the earlier occurrences.',
    anchor: 'token-matching',
  },
  'attention pattern': {
    words:
      'How much each query takes from each key: rows are queries, columns keys, and every row sums to 1.',
    anchor: 'attention-pattern',
  },
  'target token': {
    words: 'The token that does follow in the text. The model may expect another one.',
    anchor: 'log-probability',
  },
  'k-composition': {
    words:
      'How much of what an earlier head writes the keys of a later head read, computed from the weights.',
    anchor: 'composition',
  },
  ablating: {
    words: 'Replacing what a head writes by zero, or by its mean, and running the later layers without it.',
    anchor: 'zero-and-mean-ablation',
  },
  'log-probability': {
    words: 'The natural logarithm of the probability that the model gives the target token, in nats.',
    anchor: 'log-probability',
  },
  'direct logit attribution': {
    words: 'The parts of a token’s logit that the embedding and each head add to it.',
    anchor: 'direct-logit-attribution',
  },
  copying: {
    words: 'The share of the vocabulary for which attending to a token raises the logit of that token most.',
    anchor: 'copying',
  },
});

/**
 * The entry of a term as it is written in a sentence, in singular or plural; null without one.
 * @param {string} written
 */
export function termOf(written) {
  const key = written.toLowerCase();
  const known = [key, key.replace(/s$/, '')].find((name) => Object.hasOwn(GLOSSARY, name));
  return known === undefined ? null : GLOSSARY[known];
}
