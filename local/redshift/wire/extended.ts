import {
  type ParameterValue,
  type PreparedStatement,
  RedshiftError,
  type ResultColumn,
  type Session,
  type StatementResult,
} from '../types.ts';
import type { MessageSink } from './backend.ts';
import { fromBinary } from './binary.ts';
import { isBlankStatement } from './blank-statement.ts';
import { type BindMessage, decodeUtf8, type FrontendMessage, protocolViolation } from './frontend.ts';
import { type Formats, formatAt, RowWriter, writeNotices, writeRowDescription, writeRows } from './responses.ts';
import { kindOfOid, oidOf } from './type-oids.ts';

interface Statement {
  /** Absent for a statement without any text. */
  readonly prepared?: PreparedStatement;
  readonly parameterOids: readonly number[];
}

interface Portal {
  readonly statement: Statement;
  readonly parameters: readonly ParameterValue[];
  readonly resultFormats: Formats;
  result?: StatementResult;
  sentRows: number;
}

type ExtendedMessage = Exclude<FrontendMessage, { kind: 'query' | 'flush' | 'sync' | 'terminate' }>;

/** Prepared statements and portals of one connection: Parse, Bind, Describe, Execute, Close. */
export class ExtendedProtocol {
  readonly #session: Session;
  readonly #sink: MessageSink;
  readonly #statements = new Map<string, Statement>();
  readonly #portals = new Map<string, Portal>();

  constructor(session: Session, sink: MessageSink) {
    this.#session = session;
    this.#sink = sink;
  }

  async handle(message: ExtendedMessage): Promise<void> {
    switch (message.kind) {
      case 'parse':
        return this.#parse(message.name, message.text, message.parameterOids);
      case 'bind':
        return this.#bind(message);
      case 'describe':
        return message.target === 'statement'
          ? this.#describeStatement(message.name)
          : this.#describePortal(message.name);
      case 'execute':
        return this.#execute(message.portal, message.maximumRows);
      case 'close':
        return this.#close(message.target, message.name);
    }
  }

  /** Portals end with their transaction. */
  endTransaction(): void {
    this.#portals.clear();
  }

  /** A simple query takes the place of the unnamed statement and portal. */
  dropUnnamed(): void {
    this.#statements.delete('');
    this.#portals.delete('');
  }

  async #parse(name: string, text: string, parameterOids: readonly number[]): Promise<void> {
    if (name !== '' && this.#statements.has(name)) {
      throw new RedshiftError('42P05', `prepared statement "${name}" already exists`);
    }
    this.#statements.delete(name);
    const prepared = isBlankStatement(text) ? undefined : await this.#session.prepare(text);
    const oids = (prepared?.parameterTypes ?? []).map((type, index) => parameterOids[index] || oidOf(type));
    this.#statements.set(name, { prepared, parameterOids: oids });
    this.#sink.begin('1').end();
  }

  #bind(message: BindMessage): void {
    const statement = this.#statement(message.statement);
    const expected = statement.parameterOids.length;
    if (message.parameters.length !== expected) {
      const given = message.parameters.length;
      throw protocolViolation(
        `bind message supplies ${given} parameters, but prepared statement "${message.statement}" requires ${expected}`,
      );
    }
    if (message.portal !== '' && this.#portals.has(message.portal)) {
      throw new RedshiftError('42P03', `cursor "${message.portal}" already exists`);
    }
    const parameters = message.parameters.map((value, index) =>
      parameterText(value, statement.parameterOids[index] ?? 0, formatAt(message.parameterFormats, index)),
    );
    this.#portals.set(message.portal, { statement, parameters, resultFormats: message.resultFormats, sentRows: 0 });
    this.#sink.begin('2').end();
  }

  #describeStatement(name: string): void {
    const statement = this.#statement(name);
    this.#sink.begin('t').int16(statement.parameterOids.length);
    for (const oid of statement.parameterOids) this.#sink.int32(oid);
    this.#sink.end();
    this.#describeColumns(statement.prepared?.columns, []);
  }

  #describePortal(name: string): void {
    const portal = this.#portal(name);
    this.#describeColumns(portal.statement.prepared?.columns, portal.resultFormats);
  }

  #describeColumns(columns: readonly ResultColumn[] | undefined, formats: Formats): void {
    if (columns) writeRowDescription(this.#sink, columns, formats);
    else this.#sink.begin('n').end();
  }

  async #execute(name: string, maximumRows: number): Promise<void> {
    const portal = this.#portal(name);
    const { prepared } = portal.statement;
    if (!prepared) {
      this.#sink.begin('I').end();
      return;
    }
    if (!portal.result) {
      // A portal that is read in pieces lives on while others run: its rows are kept. Else they pass through.
      const receiver = maximumRows > 0 ? undefined : new RowWriter(this.#sink, portal.resultFormats);
      portal.result = await prepared.execute(portal.parameters, { receiver, pipelined: true });
      writeNotices(this.#sink, portal.result.notices ?? []);
    }
    await this.#sendRows(portal, portal.result, maximumRows);
  }

  async #sendRows(portal: Portal, result: StatementResult, maximumRows: number): Promise<void> {
    const total = result.rows?.length ?? 0;
    const from = portal.sentRows;
    const to = maximumRows > 0 ? Math.min(total, from + maximumRows) : total;
    portal.sentRows = to;
    await writeRows(this.#sink, result, portal.resultFormats, { from, to });
    if (to < total) this.#sink.begin('s').end();
    else this.#sink.begin('C').text(result.tag).end();
  }

  #close(target: 'statement' | 'portal', name: string): void {
    if (target === 'statement') this.#statements.delete(name);
    else this.#portals.delete(name);
    this.#sink.begin('3').end();
  }

  #statement(name: string): Statement {
    const statement = this.#statements.get(name);
    if (!statement) throw new RedshiftError('26000', `prepared statement "${name}" does not exist`);
    return statement;
  }

  #portal(name: string): Portal {
    const portal = this.#portals.get(name);
    if (!portal) throw new RedshiftError('34000', `portal "${name}" does not exist`);
    return portal;
  }
}

const oidOfOid = 26;

function parameterText(value: Buffer | null, oid: number, format: number): ParameterValue {
  if (value === null) return null;
  if (format === 0) return decodeUtf8(value);
  if (format !== 1) throw protocolViolation(`unsupported format code: ${format}`);
  if (oid === oidOfOid) return String(value.readUInt32BE());
  const kind = kindOfOid(oid);
  if (!kind) throw new RedshiftError('0A000', `no binary input function available for type ${oid}`);
  return fromBinary(value, kind);
}
