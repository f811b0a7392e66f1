import assert from 'node:assert/strict';
import test from 'node:test';
import { anchorOf, pageOf, rendered, siteDocs } from '../../tools/site/docs.js';

test('a heading has the anchor that GitHub gives it', () => {
  const anchors = {
    'Dominant weight': 'dominant-weight',
    detect_head: 'detect_head',
    'Zero and mean ablation': 'zero-and-mean-ablation',
    'Value-weighted pattern': 'value-weighted-pattern',
    ' What’s new, in 2.0? ': 'whats-new-in-20',
    'Größe — naïve': 'größe--naïve',
  };
  for (const [heading, anchor] of Object.entries(anchors)) assert.equal(anchorOf(heading), anchor);
});

test('headings keep their markup and are named by their words', () => {
  const { html, title, anchors } = rendered('# The `norm` & *more*\n\n## `detect_head`\n');
  assert.equal(title, 'The norm & more');
  assert.deepEqual(anchors, ['the-norm--more', 'detect_head']);
  assert.match(html, /<h1 id="the-norm--more">The <code>norm<\/code> &amp; <em>more<\/em><\/h1>/);
});

test('links between the texts become links between the pages', () => {
  const { html } = rendered('[a](style.md) [b](style.md#names) [c](#here) [d](https://example.org/?a=1&b=2)');
  const hrefs = [...html.matchAll(/href="([^"]*)"/g)].map(([, href]) => href);
  assert.deepEqual(hrefs, ['style.html', 'style.html#names', '#here', 'https://example.org/?a=1&#38;b=2']);
});

test('what the site cannot show is refused', () => {
  assert.throws(() => rendered('[a](../src/lib.rs)'), /leaves docs/);
  assert.throws(() => rendered('[a](javascript:alert)'), /leaves docs/);
  assert.throws(() => rendered('a <script>alert(1)</script>'), /not rendered/);
  assert.throws(() => rendered('<div>a</div>'), /not rendered/);
  assert.throws(() => rendered('## Same\n\n## Same\n'), /#same/);
});

test('a page has a title, its language and no script', () => {
  const page = pageOf('# A < B\n\ntext\n');
  assert.match(page, /<html lang="en">/);
  assert.match(page, /<title>A &#60; B · Headscope<\/title>/);
  assert.match(page, /<a href="\.\.\/index\.html">/);
  assert.doesNotMatch(page, /<script|\sstyle=|\son\w+=/);
});

test('every text of docs/ is a page of the site, beside one style sheet', () => {
  const site = siteDocs();
  for (const name of ['definitions.html', 'attention.html', 'style.html', 'adding.html']) {
    const page = site.get(name)?.() ?? '';
    assert.match(page, /<h1 id=/, name);
    assert.doesNotMatch(page, /<script/, name);
  }
  const style = site.get('docs.css')?.() ?? '';
  assert.match(style, /prefers-color-scheme: dark/);
  assert.match(style, /main \{/);
});
