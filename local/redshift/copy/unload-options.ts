import type { UnloadStatement } from '../statements/copy.ts';
import { RedshiftError, type ResultColumn } from '../types.ts';
import { readDelimiter, readWidths } from './format-options.ts';
import { refuseConflicts, refuseUnsupported } from './option-conflicts.ts';

export interface UnloadOptions {
  readonly format: 'TEXT' | 'CSV' | 'JSON' | 'PARQUET' | 'FIXEDWIDTH';
  readonly compression: 'none' | 'gzip' | 'zstd';
  readonly delimiter: string;
  readonly widths: readonly number[];
  readonly header: boolean;
  readonly nullText: string;
  readonly quoted: boolean;
  readonly escaped: boolean;
  readonly allowOverwrite: boolean;
  readonly cleanPath: boolean;
  readonly manifest: 'none' | 'plain' | 'verbose';
  readonly parallel: boolean;
  readonly maximumFileBytes: number;
  /** What a file's name ends with. */
  readonly extension: string;
  /** Columns whose values become folders. */
  readonly partitionBy: readonly string[];
  /** Whether those columns are in the files too. */
  readonly includePartitions: boolean;
}

const megabyte = 1024 ** 2;
const largestFileBytes = 6.2 * 1024 ** 3;

/** Reads UNLOAD's options; what the box cannot do as Redshift does is refused by name. */
export function readUnloadOptions(options: UnloadStatement['options']): UnloadOptions {
  refuseUnsupported(options, 'UNLOAD');
  refuseConflicts(options, 'UNLOAD');
  refuseEncryption(options);
  const format = String(options.FORMAT ?? 'TEXT') as UnloadOptions['format'];
  readSize(options, 'ROWGROUPSIZE', 32 * megabyte, 128 * megabyte, 32 * megabyte);
  if (options.ROWGROUPSIZE !== undefined && format !== 'PARQUET')
    throw new RedshiftError('42601', 'ROWGROUPSIZE is supported with PARQUET only');
  const compression = options.GZIP ? 'gzip' : options.ZSTD ? 'zstd' : 'none';
  return {
    format,
    compression,
    delimiter: readDelimiter(options.DELIMITER ?? (format === 'CSV' ? ',' : '|')),
    widths: format === 'FIXEDWIDTH' ? readWidths(options.FIXEDWIDTH) : [],
    header: options.HEADER === true,
    nullText: String(options.NULL ?? ''),
    quoted: options.ADDQUOTES === true,
    escaped: options.ESCAPE === true,
    allowOverwrite: options.ALLOWOVERWRITE === true,
    cleanPath: options.CLEANPATH === true,
    manifest: options.MANIFEST === undefined ? 'none' : options.MANIFEST === 'verbose' ? 'verbose' : 'plain',
    parallel: options.PARALLEL !== 'OFF',
    maximumFileBytes: readSize(options, 'MAXFILESIZE', 5 * megabyte, largestFileBytes, largestFileBytes),
    extension: extensionOf(options.EXTENSION, format, compression),
    partitionBy: (options['PARTITION BY'] as readonly string[] | undefined) ?? [],
    includePartitions: options.INCLUDE === true,
  };
}

/** What the store does with keys of its own is not the box's business; how they may be named is. */
function refuseEncryption(options: UnloadStatement['options']): void {
  const hasKey = options.KMS_KEY_ID !== undefined;
  if (hasKey && options.ENCRYPTED === undefined)
    throw new RedshiftError('42601', 'KMS_KEY_ID requires the ENCRYPTED option');
  if (hasKey && options.ENCRYPTED === 'auto')
    throw new RedshiftError('42601', 'ENCRYPTED AUTO cannot be used with KMS_KEY_ID');
  if (options.ENCRYPTED === true && !hasKey)
    throw new RedshiftError('42601', 'ENCRYPTED requires AUTO, KMS_KEY_ID or MASTER_SYMMETRIC_KEY');
}

function readSize(
  options: UnloadStatement['options'],
  name: string,
  least: number,
  most: number,
  otherwise: number,
): number {
  const bytes = Number(options[name] ?? otherwise);
  if (bytes >= least && bytes <= most) return bytes;
  const limits = `${least / megabyte} MB to ${Math.round(most / megabyte)} MB`;
  throw new RedshiftError('42601', `${name} must be from ${limits}`);
}

function extensionOf(extension: unknown, format: string, compression: UnloadOptions['compression']): string {
  if (extension !== undefined) return `.${String(extension).replace(/^\./, '')}`;
  if (format === 'PARQUET') return '.parquet';
  return { none: '', gzip: '.gz', zstd: '.zst' }[compression];
}

/** Types whose values may name a folder. */
const PARTITION_KINDS = ['int2', 'int4', 'int8', 'decimal', 'float4', 'bool', 'char', 'varchar', 'date', 'timestamp'];

/** Refuses columns that the format has no room for. */
export function checkColumns(columns: readonly ResultColumn[], options: UnloadOptions): void {
  const { format, partitionBy, widths } = options;
  for (const { name, type } of columns) {
    const isRefused = type.kind === 'varbyte' && (!['TEXT', 'CSV'].includes(format) || options.quoted);
    const isInterval = type.kind.startsWith('interval') && format === 'PARQUET';
    if (isRefused || isInterval)
      throw new RedshiftError('0A000', `UNLOAD of ${type.kind} column "${name}" is not supported with ${format}`);
  }
  const names = columns.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined && (format === 'JSON' || format === 'PARQUET'))
    throw new RedshiftError('42701', `column name "${twice}" is not unique: UNLOAD to ${format} needs unique names`);
  if (format === 'FIXEDWIDTH' && widths.length !== columns.length) {
    const counts = `the specification has ${widths.length} columns, the query ${columns.length}`;
    throw new RedshiftError('42601', `Invalid FIXEDWIDTH specification: ${counts}`);
  }
  for (const name of partitionBy) checkPartition(columns, name);
  if (partitionBy.length >= columns.length && !options.includePartitions)
    throw new RedshiftError('0A000', 'UNLOAD with PARTITION BY needs at least one column that is no partition column');
}

function checkPartition(columns: readonly ResultColumn[], name: string): void {
  const column = columns.find((candidate) => candidate.name === name);
  if (!column) throw new RedshiftError('42703', `PARTITION BY column "${name}" is not in the query's result`);
  if (PARTITION_KINDS.includes(column.type.kind)) return;
  throw new RedshiftError('0A000', `PARTITION BY column "${name}" cannot be of type ${column.type.kind}`);
}
