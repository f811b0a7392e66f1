// The pages of docs/ as HTML, for the built site: dist/docs/NAME.html beside dist/docs/docs.css. The page and
// headscope.d.ts cite docs/definitions.md by anchor, so every heading has the id that GitHub gives it.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Marked } from 'marked';
import { TEXT_TAGS } from './policy.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The style sheets that docs.css joins: the colours and the type of the page, then the layout of a text. */
const STYLES = ['www/style/base.css', 'tools/site/docs.css'];

/** The types of the files in dist/docs/. @type {Record<string, string>} */
const TYPES = { '.html': 'text/html; charset=utf-8', '.css': 'text/css', '.svg': 'image/svg+xml' };

/** A link that leaves docs/ has no page in the built site. */
const PAGE = /^([\w-]+)\.md(#[\w-]+)?$/;

/**
 * The id that GitHub gives a heading: small letters, no punctuation but `-` and `_`, `-` for a space.
 * @param {string} heading as plain text
 */
export const anchorOf = (heading) =>
  heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-');

/**
 * The HTML of a text, and the anchors of its headings in their order.
 * @param {string} markdown
 * @throws when two headings have the same anchor, when the text holds HTML, and when a link leaves docs/
 */
export function rendered(markdown) {
  /** @type {string[]} */
  const anchors = [];
  let title = '';
  const marked = new Marked({
    renderer: {
      heading({ tokens, depth }) {
        const text = this.parser.parseInline(tokens, this.parser.textRenderer);
        const id = anchorOf(text);
        if (anchors.includes(id)) throw new Error(`Two headings have the anchor #${id}.`);
        anchors.push(id);
        if (depth === 1) title = text;
        return `<h${depth} id="${id}">${this.parser.parseInline(tokens)}</h${depth}>\n`;
      },
      link({ href, tokens }) {
        const page = PAGE.exec(href);
        if (!page && !/^(#|https:\/\/)/.test(href)) throw new Error(`The link to ${href} leaves docs/.`);
        const to = page ? `${page[1]}.html${page[2] ?? ''}` : href;
        return `<a href="${escaped(to)}">${this.parser.parseInline(tokens)}</a>`;
      },
      // A wide block or table scrolls, so the keyboard must reach it.
      code({ text }) {
        return `<pre tabindex="0"><code>${escaped(text)}</code></pre>\n`;
      },
      html({ text }) {
        throw new Error(`HTML in a text is not rendered: ${text.trim()}`);
      },
    },
  });
  const html = /** @type {string} */ (marked.parse(markdown))
    .replaceAll('<table>', '<div class="wide" tabindex="0"><table>')
    .replaceAll('</table>', '</table></div>');
  return { html, title, anchors };
}

/** A whole page of one text. @param {string} markdown */
export function pageOf(markdown) {
  const { html, title } = rendered(markdown);
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    ${TEXT_TAGS}
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>${escaped(title)} · Headscope</title>
    <link rel="icon" type="image/svg+xml" href="icon.svg" />
    <link rel="stylesheet" href="docs.css" />
  </head>
  <body>
    <nav><a href="../index.html">Headscope</a></nav>
    <main>
${html}    </main>
  </body>
</html>
`;
}

/** Every file of dist/docs/: its name, and a function that makes it. @returns {Map<string, () => string>} */
export function siteDocs() {
  const read = (/** @type {string} */ path) => readFileSync(ROOT + path, 'utf8');
  const site = new Map([
    ['docs.css', () => STYLES.map(read).join('\n')],
    ['icon.svg', () => read('www/style/icon.svg')],
  ]);
  for (const name of readdirSync(`${ROOT}docs`).filter((file) => file.endsWith('.md'))) {
    site.set(name.replace(/\.md$/, '.html'), () => pageOf(read(`docs/${name}`)));
  }
  return site;
}

/** @param {string} text */
const escaped = (text) => text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);

/**
 * Writes docs/ to the built site, and answers the same addresses while the sources are served unbundled.
 * @returns {import('vite').Plugin}
 */
export function docs() {
  return {
    name: 'headscope-docs',
    configureServer(server) {
      server.middlewares.use('/docs', (request, response, next) => {
        const name = request.url?.replace(/^\//, '').replace(/[?#].*$/, '') ?? '';
        const make = siteDocs().get(name);
        if (!make) return next();
        response.setHeader('content-type', TYPES[name.slice(name.lastIndexOf('.'))]);
        response.end(make());
      });
    },
    generateBundle() {
      for (const [name, make] of siteDocs()) {
        this.emitFile({ type: 'asset', fileName: `docs/${name}`, source: make() });
      }
    },
  };
}
