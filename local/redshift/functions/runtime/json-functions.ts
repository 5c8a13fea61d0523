import { type JsonNode, JsonSyntaxError, readJson, superJson, writeSuper } from './json-text.ts';
import type { RuntimeFunction } from './runtime.ts';

type Scalar = string | null;

/** Reads JSON for the functions on texts: broken JSON is an error, or NULL when the call says so. */
function read(text: string, lax: string): JsonNode | undefined {
  try {
    return readJson(/[\n\t]/.test(text) ? escapeControls(text) : text);
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    if (lax === 'true') return undefined;
    throw new Error(`[22P02] JSON parsing error: invalid json object ${text.slice(0, 200)}`);
  }
}

const CONTROLS: Readonly<Record<string, string>> = { '\n': '\\n', '\t': '\\t' };

/** Newlines and tabs may stand as they are in these functions' strings. */
const escapeControls = (text: string): string =>
  text.replace(/"(?:[^"\\]|\\[\s\S])*"/g, (token) =>
    token.replace(/[\n\t]/g, (control) => CONTROLS[control] as string),
  );

/** What these functions answer: texts without quotes, the rest as JSON. */
function shown(node: JsonNode | undefined): Scalar {
  if (node === undefined) return null;
  if (node.kind === 'string') return node.value;
  return node.kind === 'literal' && node.text === 'null' ? null : superJson(writeSuper(node));
}

function step(node: JsonNode | undefined, key: string): JsonNode | undefined {
  if (node?.kind === 'object') return node.entries.find(([name]) => name === key)?.[1];
  if (node?.kind === 'array' && /^\d+$/.test(key)) return node.items[Number(key)];
  return undefined;
}

function extractPath(lax: Scalar | undefined, text: Scalar | undefined, ...keys: Scalar[]): Scalar {
  if (text == null || keys.some((key) => key === null)) return null;
  let node = read(text, lax ?? 'false');
  for (const key of keys as string[]) node = step(node, key);
  return shown(node);
}

function extractElement(lax: Scalar | undefined, text: Scalar | undefined, index: Scalar | undefined): Scalar {
  if (text == null || index == null) return null;
  const node = read(text, lax ?? 'false');
  if (node === undefined) return null;
  if (node.kind !== 'array') {
    if (lax === 'true') return null;
    throw new Error(`[22P02] JSON parsing error: invalid json array object ${text.slice(0, 200)}`);
  }
  return shown(node.items[Number(index)]);
}

function arrayLength(lax: Scalar | undefined, text: Scalar | undefined): Scalar {
  if (text == null) return null;
  const node = read(text, lax ?? 'false');
  if (node?.kind === 'array') return String(node.items.length);
  if (lax === 'true') return null;
  throw new Error(`[22P02] JSON parsing error: invalid json array object ${text.slice(0, 200)}`);
}

function isValid(text: Scalar | undefined, kind: Scalar | undefined): Scalar {
  if (text == null) return null;
  const node = read(text, 'true');
  return String(node !== undefined && (kind === 'array' ? node.kind === 'array' : node.kind === 'object'));
}

export const JSON_RUNTIME: readonly RuntimeFunction[] = [
  { name: 'mr_json_extract_path_text', parameters: 'any', body: extractPath },
  { name: 'mr_json_extract_array_element_text', parameters: 3, body: extractElement },
  { name: 'mr_json_array_length', parameters: 2, body: arrayLength },
  { name: 'mr_is_valid_json', parameters: 2, body: isValid },
];
