/**
 * The records of a zip file whose entries are stored without compression, with zip64 fields where sizes or
 * offsets need more than 32 bits. Source: APPNOTE.TXT 6.3 by PKWARE; the section is named at each record.
 *
 * @typedef {[bytes: 2 | 4 | 8, value: number]} Field   an unsigned little-endian number
 *
 * @typedef {object} Entry
 * @property {Uint8Array} name   in UTF-8
 * @property {number} size       bytes of the content
 * @property {number} crc        CRC-32 of the content
 * @property {number} offset     bytes of the file before the entry
 */

/** The largest number of 32 bits. It stands for a size or an offset that is in a zip64 field. */
const FULL = 0xffffffff;

/** The 1st of January 1980, the first date of the format. */
const DATE = 0x0021;

/** The version of the format that a reader needs: 2.0, or 4.5 with zip64 fields. */
const [PLAIN, ZIP64] = [20, 45];

/** The flag for names in UTF-8. */
const UTF8 = 0x0800;

/** @type {Uint32Array | undefined} */ let table;

/**
 * Continues a CRC-32 over more bytes.
 * @param {number} crc of the bytes before; 0 at the beginning
 * @param {Uint8Array} bytes
 */
export function crc32(crc, bytes) {
  table ??= Uint32Array.from({ length: 256 }, (_, entry) => {
    for (let bit = 0; bit < 8; bit++) entry = entry & 1 ? (entry >>> 1) ^ 0xedb88320 : entry >>> 1;
    return entry;
  });
  const of = table;
  crc = ~crc;
  for (let at = 0; at < bytes.length; at++) crc = (crc >>> 8) ^ of[(crc ^ bytes[at]) & 255];
  return ~crc >>> 0;
}

/** @param {Field[]} fields @param {Uint8Array[]} after bytes that follow the fields */
function record(fields, ...after) {
  const length = fields.reduce((sum, [bytes]) => sum + bytes, 0);
  const view = new DataView(new ArrayBuffer(length));
  let at = 0;
  for (const [bytes, value] of fields) {
    if (bytes === 2) view.setUint16(at, value, true);
    else if (bytes === 4) view.setUint32(at, value, true);
    else view.setBigUint64(at, BigInt(value), true);
    at += bytes;
  }
  return new Blob([view.buffer, .../** @type {Uint8Array<ArrayBuffer>[]} */ (after)]);
}

/** Whether an entry needs zip64 fields. @param {Entry} entry */
const isLarge = ({ size, offset }) => size >= FULL || offset >= FULL;

/** The fields that the local header and the directory share, from the version on. @param {Entry} entry */
function sharedFields(entry) {
  const large = isLarge(entry);
  const size = large ? FULL : entry.size;
  /** @type {Field[]} */ const fields = [
    [2, large ? ZIP64 : PLAIN],
    [2, UTF8],
    [2, 0], // stored, not compressed
    [2, 0], // midnight
    [2, DATE],
    [4, entry.crc],
    [4, size], // stored
    [4, size], // unpacked
    [2, entry.name.length],
  ];
  return fields;
}

/** The zip64 extra field (4.5.3) of 8-byte numbers. @param {number[]} values */
const extraField = (values) =>
  record([[2, 1], [2, values.length * 8], ...values.map((value) => /** @type {Field} */ ([8, value]))]);

/** The header before an entry's content (4.3.7). @param {Entry} entry */
export function localHeader(entry) {
  const large = isLarge(entry);
  /** @type {Field[]} */ const fields = [[4, 0x04034b50], ...sharedFields(entry), [2, large ? 20 : 0]];
  return new Blob([record(fields, entry.name), ...(large ? [extraField([entry.size, entry.size])] : [])]);
}

/** An entry of the directory (4.3.12). @param {Entry} entry */
export function directoryEntry(entry) {
  const large = isLarge(entry);
  /** @type {Field[]} */ const fields = [
    [4, 0x02014b50],
    [2, ZIP64], // the version of the writer
    ...sharedFields(entry),
    [2, large ? 28 : 0], // bytes of the extra field
    [2, 0], // bytes of the comment
    [2, 0], // the number of the disk
    [2, 0], // internal attributes
    [4, 0], // external attributes
    [4, large ? FULL : entry.offset],
  ];
  const extra = large ? [extraField([entry.size, entry.size, entry.offset])] : [];
  return new Blob([record(fields, entry.name), ...extra]);
}

/**
 * The end of the file: the zip64 records (4.3.14, 4.3.15) if the offset needs them, then the end record
 * (4.3.16).
 * @param {number} count entries
 * @param {number} length bytes of the directory
 * @param {number} offset bytes of the file before the directory
 */
export function endOfFile(count, length, offset) {
  const end = record([
    [4, 0x06054b50],
    [2, 0], // the number of this disk
    [2, 0], // the disk of the directory
    [2, count], // on this disk
    [2, count],
    [4, Math.min(FULL, length)],
    [4, Math.min(FULL, offset)],
    [2, 0], // bytes of the comment
  ]);
  if (offset < FULL) return end;
  const end64 = record([
    [4, 0x06064b50],
    [8, 44], // bytes of this record from here on
    [2, ZIP64],
    [2, ZIP64],
    [4, 0], // the number of this disk
    [4, 0], // the disk of the directory
    [8, count], // on this disk
    [8, count],
    [8, length],
    [8, offset],
  ]);
  const locator = record([
    [4, 0x07064b50],
    [4, 0], // the disk of the zip64 end record
    [8, offset + length],
    [4, 1], // disks
  ]);
  return new Blob([end64, locator, end]);
}
