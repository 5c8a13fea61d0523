import fs from 'node:fs';
import { MillraceError } from '../../lib/pipeline/error.ts';

async function standardInput(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** A text given on the command line; `-` is standard input. */
export async function readText(argument: string): Promise<string> {
  return argument === '-' ? (await standardInput()).toString('utf8') : argument;
}

/** The lines of a file, or of standard input for `-`; empty ones are left out. Bytes stay as they are. */
export async function readLines(file: string): Promise<Buffer[]> {
  if (file !== '-' && !fs.existsSync(file)) throw new MillraceError('NO_SUCH_FILE', `${file}: there is no such file`);
  if (file !== '-' && fs.statSync(file).isDirectory()) throw new MillraceError('NOT_A_FILE', `${file} is a folder`);
  const bytes = file === '-' ? await standardInput() : fs.readFileSync(file);
  const lines: Buffer[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(0x0a, start);
    const line = bytes.subarray(start, end < 0 ? bytes.length : end);
    if (line.toString('latin1').trim() !== '') lines.push(line);
    start = end < 0 ? bytes.length : end + 1;
  }
  return lines;
}
