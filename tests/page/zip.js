// Takes the zip that torch writes apart and puts it together again, so that a test can damage an entry.
import { crc32 } from 'node:zlib';

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;

/** @typedef {{ name: string, data: Buffer, crc?: number }} Entry `crc`: a wrong checksum */

/** The entries of a file without zip64 and compression. @param {Buffer} zip @returns {Entry[]} */
export function entriesOf(zip) {
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  let at = zip.readUInt32LE(end + 16);
  return Array.from({ length: zip.readUInt16LE(end + 10) }, () => {
    const [size, name, extra, comment, local] = [
      zip.readUInt32LE(at + 24),
      ...[28, 30, 32].map((offset) => zip.readUInt16LE(at + offset)),
      zip.readUInt32LE(at + 42),
    ];
    const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const entry = {
      name: zip.toString('utf8', at + 46, at + 46 + name),
      data: zip.subarray(start, start + size),
    };
    at += 46 + name + extra + comment;
    return entry;
  });
}

/** @param {Entry[]} entries */
export function zipOf(entries) {
  /** @type {Buffer[]} */ const parts = [];
  /** @type {Buffer[]} */ const directory = [];
  let at = 0;
  for (const { name, data, crc = crc32(data) } of entries) {
    const path = Buffer.from(name);
    // The two headers are alike from the version to the length of the extra field.
    const common = Buffer.alloc(26);
    common.writeUInt32LE(crc, 10);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(data.length, 18);
    common.writeUInt16LE(path.length, 22);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(at, 10);
    directory.push(mark(CENTRAL), Buffer.alloc(2), common, rest, path);
    parts.push(mark(LOCAL), common, path, data);
    at += 30 + path.length + data.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  for (const offset of [4, 6]) end.writeUInt16LE(entries.length, offset);
  end.writeUInt32LE(listed.length, 8);
  end.writeUInt32LE(at, 12);
  return Buffer.concat([...parts, listed, mark(END), end]);
}

/** @param {number} signature */
function mark(signature) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(signature);
  return bytes;
}
