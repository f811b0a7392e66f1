// The display of tokens that are no whole characters.
import assert from 'node:assert/strict';
import test from 'node:test';
import { fragmentTitle, legible, pieceShown, visible } from '../../www/base/tokens.js';

test('a token of incomplete characters shows its characters, and its other bytes in hexadecimal', () => {
  const cases = /** @type {const} */ ([
    [[0xf0, 0x9f], '⟨F0 9F⟩'],
    [[0x20, 0xf0, 0x9f], ' ⟨F0 9F⟩'],
    [[0xa7, 0xbf, 0xe2, 0x82, 0xac, 0x61, 0x80], '⟨A7 BF⟩€a⟨80⟩'],
    // Four bytes of an emoji are a character, its first three are not.
    [[0xf0, 0x9f, 0xa7, 0xbf, 0xf0, 0x9f, 0xa7], '🧿⟨F0 9F A7⟩'],
    // A surrogate, and a byte that no character has.
    [[0xed, 0xa0, 0x80, 0xff], '⟨ED A0 80 FF⟩'],
  ]);
  for (const [bytes, shown] of cases) assert.equal(pieceShown('�', Uint8Array.from(bytes)), shown);
  assert.equal(visible(pieceShown('�', Uint8Array.of(0x20, 0xf0))), '·⟨F0⟩');
  assert.equal(visible(pieceShown('�', Uint8Array.of(0x20, 0xe2, 0x80))), '·⟨E2 80⟩');
});

test('every other token shows its piece, even if the piece is a replacement character', () => {
  for (const piece of [' Potter', '', '�']) assert.equal(pieceShown(piece, null), piece);
});

test('the tooltip of a token of incomplete characters names its bytes', () => {
  assert.equal(fragmentTitle(Uint8Array.of(0xf0, 0x9f)), 'Part of a character: bytes F0 9F');
  assert.equal(fragmentTitle(Uint8Array.of(0x80)), 'Part of a character: byte 80');
});

test('a name of somebody else shows what it hides', () => {
  assert.equal(legible('a‮txt.exe'), 'a⟨202E⟩txt.exe');
  assert.equal(legible('<b>a b</b>\n\u0007\u200b'), '<b>a b</b>\n⟨0007⟩⟨200B⟩');
});
