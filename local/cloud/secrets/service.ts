import { createHash, randomInt, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { CloudContext } from '../resource.ts';
import { type Principal, type Service, ServiceError, type ServiceRequest, type ServiceResponse } from '../service.ts';

const storedSchema = z.object({
  name: z.string(),
  arn: z.string(),
  description: z.string().optional(),
  createdAt: z.number(),
  versionId: z.string(),
  /** Absent until a value is put. */
  text: z.string().optional(),
  /** Base64. */
  binary: z.string().optional(),
});
type StoredSecret = z.infer<typeof storedSchema>;

const identified = z.looseObject({ SecretId: z.string() });
const valued = identified.extend({
  SecretString: z.string().optional(),
  SecretBinary: z.string().optional(),
  ClientRequestToken: z.string().optional(),
});

/** Secrets Manager for the secrets of the template. A secret is a file; its current version is the only one. */
export class SecretsService implements Service {
  readonly signingName = 'secretsmanager';
  readonly #context: CloudContext;
  readonly #directory: string;
  readonly #secrets = new Map<string, StoredSecret>();

  constructor(context: CloudContext) {
    this.#context = context;
    this.#directory = context.stateDirectory('secretsmanager');
    mkdirSync(this.#directory, { recursive: true });
  }

  /** Opens a secret: with the value it had, or with a first one. */
  async addSecret(name: string, options: { description?: string; initial?: () => string }): Promise<string> {
    const path = this.#path(name);
    if (existsSync(path)) {
      const secret = storedSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
      this.#secrets.set(secret.arn, secret);
      return secret.arn;
    }
    const suffix = createHash('sha256').update(name).digest('base64url').replace(/[-_]/g, 'x').slice(0, 6);
    const arn = this.#context.arn('secretsmanager', `secret:${name}-${suffix}`);
    const createdAt = this.#context.clock.now() / 1000;
    const { description, initial } = options;
    await this.#write({ name, arn, description, createdAt, versionId: randomUUID(), text: initial?.() });
    return arn;
  }

  /** The current text, for who is not a caller: dynamic references of the template. */
  text(secretId: string, jsonKey?: string): string {
    const { text, name } = this.#find(secretId);
    if (text === undefined) throw new ServiceError('ResourceNotFoundException', `secret ${name} has no text yet`);
    if (jsonKey === undefined) return text;
    const value = (JSON.parse(text) as Record<string, unknown>)[jsonKey];
    if (value === undefined)
      throw new ServiceError('ResourceNotFoundException', `secret ${name} has no key ${jsonKey}`);
    return String(value);
  }

  /** Reads a secret as a principal, whose grants are checked. */
  read(principal: Principal, secretId: string): string {
    const secret = this.#find(secretId);
    this.#context.authorizer.authorize(principal, 'secretsmanager:GetSecretValue', secret.arn);
    return this.text(secret.arn);
  }

  async handle(request: ServiceRequest): Promise<ServiceResponse> {
    const operation = request.headers['x-amz-target']?.split('.')[1] ?? '';
    const body: unknown = JSON.parse(request.body.toString() || '{}');
    const answer = await this.#answer(operation, body, request.principal);
    return { status: 200, body: JSON.stringify(answer) };
  }

  async #answer(operation: string, body: unknown, principal: Principal): Promise<unknown> {
    const allow = (secret: StoredSecret) => {
      this.#context.authorizer.authorize(principal, `secretsmanager:${operation}`, secret.arn);
      return secret;
    };
    switch (operation) {
      case 'GetSecretValue':
        return describeValue(allow(this.#find(identified.parse(body).SecretId)));
      case 'DescribeSecret':
        return describe(allow(this.#find(identified.parse(body).SecretId)));
      case 'PutSecretValue':
      case 'UpdateSecret': {
        const change = valued.parse(body);
        return this.#put(allow(this.#find(change.SecretId)), change);
      }
      case 'ListSecrets':
        this.#context.authorizer.authorize(principal, 'secretsmanager:ListSecrets', '*');
        return { SecretList: [...this.#secrets.values()].map(describe) };
      default:
        throw new ServiceError('UnknownOperationException', `the local Secrets Manager does not have ${operation}`);
    }
  }

  async #put(secret: StoredSecret, change: z.infer<typeof valued>): Promise<unknown> {
    const { SecretString: text, SecretBinary: binary } = change;
    if ((text === undefined) === (binary === undefined)) {
      throw new ServiceError('InvalidRequestException', 'give either SecretString or SecretBinary');
    }
    const versionId = change.ClientRequestToken ?? randomUUID();
    await this.#write({ ...secret, text, binary, versionId });
    return { ARN: secret.arn, Name: secret.name, VersionId: versionId, VersionStages: ['AWSCURRENT'] };
  }

  /** By name, ARN, or ARN without the six random characters. */
  #find(secretId: string): StoredSecret {
    const byArn = this.#secrets.get(secretId);
    if (byArn) return byArn;
    for (const secret of this.#secrets.values()) {
      if (secret.name === secretId || secret.arn.slice(0, -7) === secretId) return secret;
    }
    throw new ServiceError('ResourceNotFoundException', `Secrets Manager can't find the specified secret: ${secretId}`);
  }

  async #write(secret: StoredSecret): Promise<void> {
    this.#secrets.set(secret.arn, secret);
    const temporary = join(this.#directory, `.${randomUUID()}`);
    await writeFile(temporary, JSON.stringify(secret), { mode: 0o600 });
    await rename(temporary, this.#path(secret.name));
  }

  #path(name: string): string {
    return join(this.#directory, `${encodeURIComponent(name)}.json`);
  }
}

function describeValue(secret: StoredSecret): unknown {
  if (secret.text === undefined && secret.binary === undefined) {
    const message = "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT";
    throw new ServiceError('ResourceNotFoundException', `${message} (${secret.name} has no value yet)`);
  }
  return {
    ARN: secret.arn,
    Name: secret.name,
    VersionId: secret.versionId,
    VersionStages: ['AWSCURRENT'],
    SecretString: secret.text,
    SecretBinary: secret.binary,
    CreatedDate: secret.createdAt,
  };
}

function describe(secret: StoredSecret): unknown {
  return { ARN: secret.arn, Name: secret.name, Description: secret.description, CreatedDate: secret.createdAt };
}

export interface PasswordRules {
  readonly length: number;
  readonly excludeCharacters: string;
  readonly excludePunctuation: boolean;
  readonly excludeLowercase: boolean;
  readonly excludeUppercase: boolean;
  readonly excludeNumbers: boolean;
  readonly includeSpace: boolean;
}

/** A random text of every kind of character that is allowed, as GetRandomPassword makes it. */
export function generatePassword(rules: PasswordRules): string {
  const kinds = [
    rules.excludeLowercase ? '' : 'abcdefghijklmnopqrstuvwxyz',
    rules.excludeUppercase ? '' : 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
    rules.excludeNumbers ? '' : '0123456789',
    rules.excludePunctuation ? '' : '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
    rules.includeSpace ? ' ' : '',
  ]
    .map((kind) => [...kind].filter((character) => !rules.excludeCharacters.includes(character)))
    .filter((kind) => kind.length > 0);
  const pick = (from: readonly string[]) => from[randomInt(from.length)] as string;
  const all = kinds.flat();
  const characters = [...kinds.map(pick), ...Array.from({ length: rules.length }, () => pick(all))].slice(
    0,
    rules.length,
  );
  for (let index = characters.length - 1; index > 0; index--) {
    const other = randomInt(index + 1);
    [characters[index], characters[other]] = [characters[other] as string, characters[index] as string];
  }
  return characters.join('');
}
