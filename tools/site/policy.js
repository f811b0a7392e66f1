// The content security policy of the built pages. A static host sends no headers of ours, so a page brings
// its policy in a meta tag. SECURITY.md says what a meta tag cannot do.

/** The hub of models, and the hosts to which it redirects its files. */
const HUB = 'https://huggingface.co https://*.huggingface.co https://*.hf.co';

/** What the page may do. @type {Record<string, string>} */
const PAGE = {
  'default-src': "'none'",
  'script-src': "'self' 'wasm-unsafe-eval'",
  'worker-src': "'self'",
  'style-src': "'self'",
  // blob: for charts that are saved as pictures
  'img-src': "'self' blob: data:",
  'connect-src': `'self' ${HUB}`,
  'base-uri': "'none'",
  'form-action': "'none'",
  'require-trusted-types-for': "'script'",
  // www/base/any_origin.js makes it, for the addresses of workers
  'trusted-types': 'headscope',
};

/** What a page of docs/ may do: it has no script. @type {Record<string, string>} */
const TEXT = {
  'default-src': "'none'",
  'style-src': "'self'",
  'img-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'none'",
};

/** @param {Record<string, string>} directives */
const tagsOf = (directives) => {
  const policy = Object.entries(directives)
    .map((pair) => pair.join(' '))
    .join('; ');
  return (
    `<meta http-equiv="Content-Security-Policy" content="${policy}" />\n` +
    '    <meta name="referrer" content="no-referrer" />'
  );
};

/** The tags of the page and those of a page of docs/. They stand before all else that a page loads. */
export const PAGE_TAGS = tagsOf(PAGE);
export const TEXT_TAGS = tagsOf(TEXT);

const CHARSET = '<meta charset="utf-8" />';

/**
 * Puts the policy into the built page. While the sources are served unbundled, Vite's own scripts need more.
 * @returns {import('vite').Plugin}
 */
export function policy() {
  return {
    name: 'headscope-policy',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(html) {
        if (!html.includes(CHARSET)) throw new Error('index.html should begin its head with its charset.');
        return html.replace(CHARSET, `${CHARSET}\n    ${PAGE_TAGS}`);
      },
    },
  };
}
