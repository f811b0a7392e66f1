// The display of tokens that are no whole characters.
import assert from 'node:assert/strict';
import test from 'node:test';
import { fragmentTold, pieceShown, visible } from '../../www/base/tokens.js';

test('a fragment shows what of it is text, and the bytes that are not', () => {
  const cases = /** @type {const} */ ([
    [[0xf0, 0x9f], '⟨F0 9F⟩'],
    [[0x20, 0xf0, 0x9f], ' ⟨F0 9F⟩'],
    [[0xa7, 0xbf, 0xe2, 0x82, 0xac, 0x61, 0x80], '⟨A7 BF⟩€a⟨80⟩'],
    // The four bytes of an emoji are text, its first three are not.
    [[0xf0, 0x9f, 0xa7, 0xbf, 0xf0, 0x9f, 0xa7], '🧿⟨F0 9F A7⟩'],
    // The bytes of a surrogate, and of a code point above the last.
    [[0xed, 0xa0, 0x80, 0xff], '⟨ED A0 80 FF⟩'],
  ]);
  for (const [bytes, shown] of cases) assert.equal(pieceShown('�', Uint8Array.from(bytes)), shown);
  assert.equal(visible(pieceShown('�', Uint8Array.of(0x20, 0xf0))), '·⟨F0⟩');
});

test('every other token shows its piece, a replacement character of the text’s own too', () => {
  for (const piece of [' Potter', '', '�']) assert.equal(pieceShown(piece, null), piece);
});

test('what is told of a fragment has its bytes', () => {
  assert.equal(fragmentTold(Uint8Array.of(0xf0, 0x9f)), 'Part of a character: bytes F0 9F');
  assert.equal(fragmentTold(Uint8Array.of(0x80)), 'Part of a character: byte 80');
});
