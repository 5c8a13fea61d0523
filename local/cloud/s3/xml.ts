import { escapeXml } from '../gateway/render.ts';
import { ServiceError, type ServiceResponse } from '../service.ts';

/** An element's content: text, elements by name (a list repeats the element), or nothing. */
export type XmlContent =
  | string
  | number
  | boolean
  | undefined
  | { readonly [name: string]: XmlContent | readonly XmlContent[] };

function element(name: string, content: XmlContent): string {
  if (content === undefined) return '';
  if (typeof content !== 'object') return `<${name}>${escapeXml(String(content))}</${name}>`;
  return `<${name}>${elements(content)}</${name}>`;
}

function elements(content: { readonly [name: string]: XmlContent | readonly XmlContent[] }): string {
  return Object.entries(content)
    .flatMap(([name, value]) => [value].flat().map((item) => element(name, item as XmlContent)))
    .join('');
}

/** An S3 answer with one root element. */
export function xmlResponse(root: string, content: Exclude<XmlContent, undefined>, status = 200): ServiceResponse {
  const body = element(root, content).replace(`<${root}>`, `<${root} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">`);
  return {
    status,
    headers: { 'content-type': 'application/xml' },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n${body}`,
  };
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function decodeText(text: string): string {
  return text.replace(
    /&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi,
    (whole, hexadecimal?: string, decimal?: string, name?: string) => {
      if (name) return entities[name] ?? whole;
      return String.fromCodePoint(Number.parseInt(hexadecimal ?? decimal ?? '', hexadecimal ? 16 : 10));
    },
  );
}

/** The texts of a leaf element in a request body. Request bodies of S3 are flat and carry no attributes on these. */
export function xmlTexts(xml: string, name: string): string[] {
  return xmlBlocks(xml, name).map(decodeText);
}

/** The raw contents of every `<name>…</name>`. */
export function xmlBlocks(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}(?:\\s[^>]*)?>([\\s\\S]*?)</${name}>`, 'g'))].map(
    (match) => match[1] ?? '',
  );
}

export function requireXmlText(xml: string, name: string): string {
  const [text] = xmlTexts(xml, name);
  if (text === undefined) throw new ServiceError('MalformedXML', `the request body has no <${name}>`);
  return text;
}
