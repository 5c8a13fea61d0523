import { z } from 'zod';
import { type CloudModule, descriptive, resourceType } from '../resource.ts';
import { generatePassword, SecretsService } from './service.ts';

const generate = z.strictObject({
  ExcludeCharacters: z.string().default(''),
  ExcludeLowercase: z.boolean().default(false),
  ExcludeNumbers: z.boolean().default(false),
  ExcludePunctuation: z.boolean().default(false),
  ExcludeUppercase: z.boolean().default(false),
  GenerateStringKey: z.string().optional(),
  IncludeSpace: z.boolean().default(false),
  PasswordLength: z.number().int().positive().default(32),
  RequireEachIncludedType: z.boolean().optional(),
  SecretStringTemplate: z.string().optional(),
});

function generated(rules: z.infer<typeof generate>): string {
  const password = generatePassword({
    length: rules.PasswordLength,
    excludeCharacters: rules.ExcludeCharacters,
    excludePunctuation: rules.ExcludePunctuation,
    excludeLowercase: rules.ExcludeLowercase,
    excludeUppercase: rules.ExcludeUppercase,
    excludeNumbers: rules.ExcludeNumbers,
    includeSpace: rules.IncludeSpace,
  });
  if (rules.GenerateStringKey === undefined) return password;
  const template = JSON.parse(rules.SecretStringTemplate ?? '{}') as Record<string, unknown>;
  return JSON.stringify({ ...template, [rules.GenerateStringKey]: password });
}

const secretType = resourceType({
  type: 'AWS::SecretsManager::Secret',
  properties: z.strictObject({
    Name: z.string().optional(),
    Description: z.string().optional(),
    GenerateSecretString: generate.optional(),
    SecretString: z.string().optional(),
    Tags: descriptive,
  }),
  async create({ logicalId, properties }, context) {
    const { Name, Description: description, GenerateSecretString: rules, SecretString: text } = properties;
    const initial = text !== undefined ? () => text : rules && (() => generated(rules));
    const name = Name ?? context.physicalName(logicalId);
    const arn = await context.services.of(SecretsService).addSecret(name, { description, initial });
    return { ref: arn, attributes: { Id: arn, Arn: arn } };
  },
});

const resourcePolicyType = resourceType({
  type: 'AWS::SecretsManager::ResourcePolicy',
  properties: z.strictObject({
    SecretId: z.string(),
    ResourcePolicy: z.record(z.string(), z.unknown()),
    BlockPublicPolicy: z.boolean().optional(),
  }),
  async create({ logicalId, properties }, context) {
    context.identities.attachResourcePolicy(properties.SecretId, { logicalId, document: properties.ResourcePolicy });
    return { ref: properties.SecretId, attributes: {} };
  },
});

export const secretsModule: CloudModule = {
  resourceTypes: [secretType, resourcePolicyType],
  openServices: async (context) => [new SecretsService(context)],
};
