/**
 * The example texts. The first is the paragraph of ARENA's notebook, the default of version 1; the second is
 * the default now. Links leave the default out, so the wording of both is frozen.
 *
 * @typedef {{ name: string, hint: string, text: string }} Example
 */

/** @type {readonly Example[]} */
export const EXAMPLES = Object.freeze([
  {
    name: 'A paragraph',
    hint: 'ordinary English: heads for the current, the previous and the first token',
    text:
      'We think that powerful, significantly superhuman machine intelligence is more likely than not to ' +
      'be created this century. If current machine learning techniques were scaled up to this level, we ' +
      'think they would by default produce systems that are deceptive or manipulative, and that no solid ' +
      'plans are known for how to avoid this.',
  },
  {
    name: 'A phrase, three times',
    hint: 'a repeated sequence: the induction stripes appear',
    text:
      'seven copper lanterns drift beyond the quiet harbour wall; seven copper lanterns drift beyond the ' +
      'quiet harbour wall; seven copper lanterns drift beyond the quiet harbour wall',
  },
  {
    name: 'Names that return',
    hint: 'induction heads complete a name that has occurred before',
    text:
      'Marta Okonkwo-Lindqvist kept the bees and Tobias Perrault kept the books. When Tobias Perrault ' +
      'lost a page, Marta Okonkwo-Lindqvist found it under a hive. The bees liked Marta ' +
      'Okonkwo-Lindqvist; nobody asked them about Tobias Perrault.',
  },
]);

/** The text a first visit opens with: it repeats, so its induction stripes are seen at once. */
export const DEFAULT_TEXT = EXAMPLES[1].text;

/** The default text of version 1. */
export const FIRST_TEXT = EXAMPLES[0].text;
