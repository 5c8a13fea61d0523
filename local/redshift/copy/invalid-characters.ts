import { isUtf8 } from 'node:buffer';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const replacement = '\ufffd';
const replacementBytes = Buffer.from(replacement);

/** ACCEPTINVCHARS: puts a character in the place of each sequence that is not UTF-8; U+FFFD that was in the file stays. */
export function replaceInvalidCharacters(body: Buffer, character: string): Buffer {
  if (isUtf8(body)) return body;
  const pieces: string[] = [];
  let start = 0;
  for (let at = body.indexOf(replacementBytes); at >= 0; at = body.indexOf(replacementBytes, start)) {
    pieces.push(decoder.decode(body.subarray(start, at)).replaceAll(replacement, character));
    start = at + replacementBytes.length;
  }
  pieces.push(decoder.decode(body.subarray(start)).replaceAll(replacement, character));
  return Buffer.from(pieces.join(replacement));
}
