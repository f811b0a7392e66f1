/** The rows of the table of error codes that are about links. error_codes.js says what a row holds. */

/** @type {Readonly<Record<string, import('./error_codes.js').ErrorRow>>} */
export const LINK_CODES = Object.freeze({
  LinkBroken: {
    tone: 'notice',
    title: 'Part of this link could not be read',
    sentence: 'The link may have been cut or changed. The page uses defaults for that part.',
    remedies: [],
    concerns: ['link'],
  },
  LinkTextBroken: {
    tone: 'notice',
    title: 'The text of this link is damaged',
    sentence: 'This is our sample text. The link may have been cut: ask for it again.',
    remedies: [],
    concerns: ['link'],
  },
  LinkChanged: {
    tone: 'notice',
    title: 'This link was changed or cut on its way',
    sentence: 'The page opened what is left of it, and compares no figures. Ask for the link again.',
    remedies: [],
    concerns: ['link'],
  },
  LinkTooLong: {
    tone: 'notice',
    title: 'This analysis does not fit into a link',
    sentence: 'Save it as a file instead: dropped on this page, the file opens as a link does.',
    remedies: ['save file'],
    concerns: ['link'],
  },
  LinkVersion: {
    tone: 'notice',
    title: 'This link was made by another version of Headscope',
    sentence:
      'The page did not use the link, and opened as new. Reload to fetch the newest version of the page.',
    remedies: ['reload'],
    concerns: ['link'],
    nothingOpened: true,
  },
  LinkTooLarge: {
    tone: 'notice',
    title: 'This link is too large',
    sentence:
      'The page did not read the link. Ask for the text as a .headscope.json file, and drop the file here.',
    remedies: [],
    concerns: ['link'],
    nothingOpened: true,
  },
  LinkHead: {
    tone: 'notice',
    title: 'The link names a head that this model does not have',
    sentence: 'No head is pinned, so the page shows the mean of all heads.',
    remedies: [],
    concerns: ['link'],
  },
});
