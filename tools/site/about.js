// What other programs read about the page: its description and preview for chats, and its repository where
// the build knows one (GitHub's workflows set GITHUB_REPOSITORY).
import { copyFileSync, existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const TITLE = 'Headscope · find induction heads in your browser';
const DESCRIPTION =
  'Paste text; a language model runs in your own browser, and every attention head is shown, tested and ' +
  'explained: which are induction heads, what feeds them, and what happens without them.';

/**
 * The tags of the page's head.
 * @param {string | undefined} repository `owner/name`
 * @returns {import('vite').HtmlTagDescriptor[]}
 */
export function tagsFor(repository) {
  const [owner, name] = repository?.split('/') ?? [];
  // A preview needs a whole address; without one, a relative address is the best guess.
  const site = owner && name ? `https://${owner}.github.io/${name}/` : './';
  const properties = {
    'og:type': 'website',
    'og:title': TITLE,
    'og:description': DESCRIPTION,
    'og:image': `${site}preview.png`,
    'og:image:width': '1200',
    'og:image:height': '630',
    'og:image:alt':
      'A head’s attention pattern with its induction stripe, beside the thumbnails of every head',
  };
  /** @type {import('vite').HtmlTagDescriptor[]} */
  const tags = Object.entries(properties).map(([property, content]) => ({
    tag: 'meta',
    attrs: { property, content },
    injectTo: 'head',
  }));
  tags.push({ tag: 'meta', attrs: { name: 'description', content: DESCRIPTION }, injectTo: 'head' });
  tags.push({
    tag: 'meta',
    attrs: { name: 'twitter:card', content: 'summary_large_image' },
    injectTo: 'head',
  });
  if (owner && name) {
    tags.push({ tag: 'meta', attrs: { property: 'og:url', content: site }, injectTo: 'head' });
    const href = `https://github.com/${owner}/${name}`;
    tags.push({ tag: 'link', attrs: { rel: 'code-repository', href }, injectTo: 'head' });
  }
  return tags;
}

/**
 * Adds the tags, and the preview picture beside the page.
 * @returns {import('vite').Plugin}
 */
export function about() {
  return {
    name: 'headscope-about',
    transformIndexHtml: () => tagsFor(process.env.GITHUB_REPOSITORY),
    writeBundle() {
      const picture = `${ROOT}docs/preview.png`;
      if (existsSync(picture)) copyFileSync(picture, `${ROOT}dist/preview.png`);
    },
  };
}
